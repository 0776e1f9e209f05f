"""The id that follows a request through every service and log line."""

from __future__ import annotations

import contextvars
import re

import structlog

from analytics_engine.kernel.ids import new_id

HEADER = "X-Request-ID"
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,128}")
_current: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")


def current_request_id() -> str:
    """Return the id of the request being served, or an empty string outside one."""
    return _current.get()


def set_request_id(identity: str) -> contextvars.Token[str]:
    """Have what is done from now on belong to a request, and its log lines say so."""
    structlog.contextvars.bind_contextvars(request_id=identity)
    return _current.set(identity)


def reset_request_id(token: contextvars.Token[str]) -> None:
    _current.reset(token)
    if former := _current.get():
        structlog.contextvars.bind_contextvars(request_id=former)
    else:
        structlog.contextvars.unbind_contextvars("request_id")


def accept_request_id(given: str | None) -> str:
    """Return the caller's id when it is harmless, else a new one."""
    return given if given and _ACCEPTABLE.fullmatch(given) else new_id()
