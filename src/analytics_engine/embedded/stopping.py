"""Being told to stop: SIGTERM, SIGINT and SIGHUP become one exception at the place where the program is."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class StopRequested(BaseException):
    """Not an error: somebody wants us to stop. A BaseException, so that no handler of errors swallows it."""


@contextmanager
def stop_signals() -> Iterator[None]:
    """Raise StopRequested at the first of these signals; while it is dealt with, further ones are ignored."""

    def raise_once(_number: int, _frame: FrameType | None) -> NoReturn:
        ignore_signals()
        raise StopRequested

    before = {number: signal.signal(number, raise_once) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
