"""Messages to people, over channels of many kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from analytics_engine.kernel.ports.outgoing import ReceiverAnswer


class Severity(StrEnum):
    """How urgent a message is, the least first."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class Message(BaseModel):
    """What a person is told.

    ``incident`` names what it is about where that can end: messages of one incident belong together, and the one
    with ``resolved`` ends it. ``details`` is what a program reads instead of the text.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    time: AwareDatetime
    client_id: str
    title: str
    body: str
    severity: Severity
    link: str = ""
    incident: str = ""
    resolved: bool = False
    details: list[dict[str, Any]] = Field(default_factory=list)


class Notifier(Protocol):
    """Brings messages to the receiver of one channel."""

    async def check(self) -> None:
        """Return when messages may go where the channel leads; nothing is sent.

        Raises:
            InvalidInput, Forbidden, DependencyUnavailable, DependencyTimeout: as ``kernel.ports.outgoing``.
        """
        ...

    async def send(self, message: Message) -> ReceiverAnswer:
        """Send once, and return what the receiver said; the same message may come again.

        Raises:
            InvalidInput, Forbidden, DependencyUnavailable, DependencyTimeout: as ``kernel.ports.outgoing``.
        """
        ...


OpenNotifier = Callable[[Mapping[str, Any], Mapping[str, str]], Notifier]
"""Makes the notifier of one kind from a channel's options and secrets (their values); nothing is connected yet."""
