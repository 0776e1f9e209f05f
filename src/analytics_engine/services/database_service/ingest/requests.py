"""What is asked of a load beside its rows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from analytics_engine.contracts.data import LoadMode, OnError
from analytics_engine.errors import InvalidInput
from analytics_engine.kpi.model.object_model import ObjectModel
from analytics_engine.services.database_service.ingest.encodings import Encoding
from analytics_engine.services.database_service.ingest.reading import Reading
from analytics_engine.services.database_service.ingest.rejection import Rejection, Tolerance


@dataclass(frozen=True)
class LoadRequest:
    """One load as it was asked for.

    Args:
        covers_from, covers_until: what the rows are declared complete for.
        tolerance: how much may be wrong where the right rows are loaded all the same; None tolerates anything.
        load_id: the id that the load is to have; None lets us choose.
    """

    object_model: str
    mode: LoadMode
    reading: Reading
    covers_from: datetime | None = None
    covers_until: datetime | None = None
    on_error: OnError = OnError.REJECT_ALL
    tolerance: Tolerance | None = None
    idempotency_key: str | None = None
    load_id: str | None = None

    @property
    def may_be_known(self) -> bool:
        """Whether it can be told that there was such a load: it has a key or an id."""
        return self.idempotency_key is not None or self.load_id is not None

    def hash(self, client_id: str, digest: bytes) -> bytes:
        """Return what tells this request from every other; options that are not used have no part in it."""
        zone = self.reading.time_zone
        parts = [
            client_id,
            self.object_model,
            self.mode.value,
            self.reading.format.value,
            zone.key if zone else "",
            self.reading.null_token,
            str(self.covers_from or ""),
            str(self.covers_until or ""),
            digest.hex(),
        ]
        if self.on_error is not OnError.REJECT_ALL:
            parts.append(f"on_error {self.on_error.value}, max_rejects {self.tolerance}")
        if self.reading.encoding is not Encoding.IDENTITY:
            parts.append(f"content_encoding {self.reading.encoding.value}")
        return hashlib.sha256(json.dumps(parts).encode()).digest()

    def check_declared(self, model: ObjectModel) -> None:
        """Return when what is declared to be covered makes sense for an object model.

        Raises:
            InvalidInput: it does not.
        """
        if self.covers_from is None and self.covers_until is None:
            return
        if model.time_attribute is None:
            raise InvalidInput(
                f"{model.name} has no time attribute, so its rows cover no span of time.",
                remedy="Leave covers_from and covers_until out.",
            )
        if self.covers_from and self.covers_until and self.covers_from >= self.covers_until:
            raise InvalidInput(
                "covers_from is not before covers_until.",
                remedy="Give a half-open span: from its first instant to the first instant after it.",
            )

    def judge(self, rejection: Rejection, *, checked: int) -> None:
        """Return when no more rows are wrong than may be.

        Raises:
            RowsRejected: more are.
        """
        if self.on_error is OnError.REJECT_ALL:
            rejection.raise_if_any()
        elif self.tolerance is not None:
            rejection.raise_beyond(self.tolerance, checked=checked)
