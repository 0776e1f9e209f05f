"""A follower of live answers, as a dashboard is one: it connects again whenever it is cut off."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from typing import Any, Self
from urllib.error import URLError
from urllib.request import Request, urlopen

from system.product import Product

_SILENCE_S = 30.0


class Follower:
    """Follows queries in a thread of its own, and keeps the newest update of each."""

    def __init__(self, product: Product, queries: list[dict[str, Any]]) -> None:
        self.newest: dict[int, dict[str, Any]] = {}
        self.updates = 0
        self.connections = 0
        self._product = product
        self._queries = queries
        self._response: HTTPResponse | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        response = self._response
        if response is not None:
            with suppress(OSError, ValueError), socket.socket(fileno=os.dup(response.fileno())) as connection:
                connection.shutdown(socket.SHUT_RDWR)

    def _follow(self) -> None:
        while not self._ended.is_set():
            try:
                with opened(self._product, self._queries) as response:
                    self._response = response
                    self.connections += 1
                    for name, data in events(response):
                        if self._ended.is_set():
                            return
                        if name == "update":
                            self.newest[data["query"]] = data
                            self.updates += 1
            except (URLError, OSError, HTTPException):
                time.sleep(0.1)


def opened(product: Product, queries: list[dict[str, Any]]) -> HTTPResponse:
    """Return a stream of updates."""
    request = Request(
        f"{product.gateway_url}/api/v1/live",
        data=json.dumps({"queries": queries}).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {product.token}"},
    )
    response: HTTPResponse = urlopen(request, timeout=_SILENCE_S)
    return response


def events(response: HTTPResponse) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the events of a stream with their data, and its heartbeats under no name."""
    name = ""
    for line in response:
        field, _, value = line.decode().rstrip("\n").partition(":")
        if field == "event":
            name = value.strip()
        elif field == "data":
            yield name, json.loads(value)
        elif line.startswith(b":"):
            yield "", {}
