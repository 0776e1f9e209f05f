from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class S3Account:
    """Who we are at S3 storage, and where it is.

    Args:
        endpoint: the address of storage that is not Amazon's; empty for Amazon's.
    """

    key_id: str
    secret: str = field(repr=False)
    region: str
    endpoint: str

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return urlsplit(self.endpoint).netloc if self.endpoint else f"Amazon S3 ({self.region})"
