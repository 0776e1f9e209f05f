"""A name server of a test's own: what a host is called leads to, one answer after the other."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

Names = Callable[[str, list[str]], list[str]]


def scripted_names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """``names(host, addresses)``: asked for the host, these are given in turn; returned are those left."""
    known: dict[str, list[str]] = {}
    ask = socket.getaddrinfo

    def answer(host: Any, *args: Any, **kwargs: Any) -> Any:
        left = known.get(host if isinstance(host, str) else "")
        return ask(host if left is None else left.pop(0), *args, **kwargs)

    def add(host: str, addresses: list[str]) -> list[str]:
        known[host] = addresses
        return addresses

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return add
