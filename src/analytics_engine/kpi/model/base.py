from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Definition(BaseModel):
    """An immutable definition: unknown fields are refused, so that a typing error is found."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""A lower-case name, as object models, attributes and relations have."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,62}$")]
"""An upper-case code, as KPIs, modules and value chains have."""
