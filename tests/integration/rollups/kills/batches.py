"""What is loaded: streams of batches that follow from a seed, so that nobody has to remember their rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random

_BEGIN = datetime(2026, 1, 28, tzinfo=UTC)
_STEP = timedelta(days=2)
_SPREAD = timedelta(days=9)
_FEWEST, _MOST = 2_000, 10_000
_BASKETS = 5_000
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Rows:
    """So many rows, and the sum of their lines' digests."""

    count: int = 0
    digest: int = 0

    def __add__(self, other: Rows) -> Rows:
        return Rows(self.count + other.count, self.digest + other.digest)


@dataclass(frozen=True)
class Batch:
    """One load. ``halves`` are its rows' lines: of an upsert the second half is what the next batch replaces."""

    halves: tuple[tuple[str, ...], tuple[str, ...]]
    first: datetime
    last: datetime

    @property
    def rows(self) -> int:
        return sum(map(len, self.halves))

    @property
    def covered(self) -> tuple[datetime, datetime]:
        return self.first, self.last + _MICROSECOND


@dataclass(frozen=True)
class Stream:
    """Batches of one object model, loaded one after the other.

    Args:
        first_key: streams of one object model have keys of their own.
        moves: whether a row that is loaded again is at another time.
    """

    name: str
    model: str
    mode: str
    first_key: int = 0
    moves: bool = True

    def label(self, number: int) -> str:
        """Return what a batch's rows are known by, which is its idempotency key too."""
        return f"{self.name}-{number}"

    def fresh(self, number: int, rows: int) -> int:
        """Return how many of a batch's rows are new."""
        return rows if self.mode == "append" or number == 0 else rows // 2


STREAMS = (
    Stream("baskets", "basket", "upsert"),
    Stream("items", "item", "append"),
    Stream("corrected", "item", "upsert", first_key=1_000_000_000),
    Stream("gauges", "gauge", "upsert", moves=False),
)

HEADERS = {
    "basket": "basket_id,placed_at,channel,cancelled,batch",
    "item": "item_id,basket_id,sold_at,product,quantity,price,weight,batch",
    "gauge": "sensor,measured_at,level,batch",
}


@cache
def batch_of(seed: int, stream: Stream, number: int) -> Batch:
    """Return one batch, the same one each time."""
    size = 2 * Random(f"{seed} {stream.name}").randint(_FEWEST // 2, _MOST // 2)
    step = size if stream.mode == "append" else size // 2
    keys = range(stream.first_key + number * step, stream.first_key + number * step + size)
    moments = [_moment(stream, key, number, size) for key in keys]
    line, label = _LINES[stream.model], stream.label(number)
    lines = tuple(line(key, number, _text(at), label) for key, at in zip(keys, moments, strict=True))
    return Batch((lines[: size // 2], lines[size // 2 :]), min(moments), max(moments))


def csv_of(seed: int, stream: Stream, number: int) -> bytes:
    first, second = batch_of(seed, stream, number).halves
    return "\n".join([HEADERS[stream.model], *first, *second, ""]).encode()


def expected(seed: int, stream: Stream, loaded: int) -> Iterator[tuple[str, Rows]]:
    """Yield what is there of each batch after so many of a stream were loaded."""
    for number in range(loaded):
        first, second = _digests(seed, stream, number)
        replaced = stream.mode == "upsert" and number + 1 < loaded
        yield stream.label(number), first if replaced else first + second


@cache
def _digests(seed: int, stream: Stream, number: int) -> tuple[Rows, Rows]:
    first, second = (
        Rows(len(half), sum(_digest(line) for line in half)) for half in batch_of(seed, stream, number).halves
    )
    return first, second


def _digest(line: str) -> int:
    return int(hashlib.md5(line.encode(), usedforsecurity=False).hexdigest()[:15], 16)


def _moment(stream: Stream, key: int, number: int, size: int) -> datetime:
    place = key - stream.first_key
    if not stream.moves:
        return _BEGIN + place * timedelta(seconds=90)
    spread = timedelta(seconds=int(_SPREAD.total_seconds() * (place * 7919 % size) / size))
    return _BEGIN + number * _STEP + spread


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _basket(key: int, number: int, at: str, label: str) -> str:
    cancelled = "true" if (key + number) % 3 == 0 else "false"
    return f"{key},{at},channel {key % 3},{cancelled},{label}"


def _item(key: int, number: int, at: str, label: str) -> str:
    price = "" if key % 11 == 0 else f"{(key * 7 + number) % 9000 / 100:.2f}"
    weight = (key * 13 + number * 5) % 997 + 0.125
    return f"{key},{key * 31 % _BASKETS},{at},product {key % 4},{key % 9 + 1},{price},{weight},{label}"


def _gauge(key: int, number: int, at: str, label: str) -> str:
    return f"sensor {key % 3},{at},{(key * 17 + number * 3) % 499 - 250 + 0.375},{label}"


_LINES: dict[str, Callable[[int, int, str, str], str]] = {"basket": _basket, "item": _item, "gauge": _gauge}
