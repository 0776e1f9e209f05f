"""Requests to addresses that clients name: they must not lead to anything of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class ReceiverAnswer:
    """What a receiver said.

    Args:
        taken: whether it took the message.
        status: HTTP's or SMTP's; None where nothing was asked.
        text: the beginning of what it answered.
        final: whether the same request would be refused again.
        later_s: in how many seconds it wants to be asked again; 0 where it does not say.
    """

    taken: bool
    status: int | None
    text: str = ""
    final: bool = False
    later_s: float = 0.0


class Outgoing(Protocol):
    """HTTP requests to addresses that clients name.

    Every name is resolved and checked anew, the connection goes to the address that was checked, redirects are not
    followed, and of an answer only the beginning is read.
    """

    async def check(self, url: str) -> None:
        """Return when requests may go there, as its name resolves now.

        Raises:
            InvalidInput: it is no https URL; plain http is for hosts that an operator allowed.
            Forbidden: it leads to an address that messages may not use.
            DependencyUnavailable: its name is not known.
            DependencyTimeout: the name server does not answer.
        """
        ...

    async def post(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> ReceiverAnswer:
        """POST once, and return what the receiver answered, whatever its status.

        Raises:
            InvalidInput, Forbidden: as ``check``.
            DependencyUnavailable: the receiver cannot be reached; the detail names its host only.
            DependencyTimeout: it did not answer in time.
        """
        ...
