"""Times taken side by side: contestants take turns, round after round, so that all of them meet the same machine."""

from __future__ import annotations

import gc
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Times:
    """The seconds of one contestant, one a round, in the order of the rounds."""

    seconds: tuple[float, ...]

    @property
    def least(self) -> float:
        return min(self.seconds)

    @property
    def median(self) -> float:
        return median(self.seconds)

    @property
    def most(self) -> float:
        return max(self.seconds)

    def ratio_to(self, other: Times) -> Ratio:
        """Return how many times as long this takes, round by round."""
        return Ratio(tuple(mine / its for mine, its in zip(self.seconds, other.seconds, strict=True)))


@dataclass(frozen=True)
class Ratio:
    """The ratios of two contestants, one a round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        return median(self.rounds)

    @property
    def least(self) -> float:
        return min(self.rounds)

    @property
    def most(self) -> float:
        return max(self.rounds)


async def side_by_side(
    contestants: Mapping[str, Callable[[], Awaitable[object]]], *, rounds: int, warm_up: int = 1
) -> dict[str, Times]:
    """Return the times of contestants that took turns; every second round in the opposite order."""
    names = list(contestants)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(warm_up + rounds):
        for name in names if number % 2 else reversed(names):
            gc.collect()
            began = time.perf_counter()
            await contestants[name]()
            if number >= warm_up:
                seconds[name].append(time.perf_counter() - began)
    return {name: Times(tuple(found)) for name, found in seconds.items()}


def repeated(work: Callable[[], object], *, rounds: int, warm_up: int = 1) -> Times:
    """Return the processor times of one piece of work of one thread, done again and again."""
    for _ in range(warm_up):
        work()
    return Times(tuple(_once(work) for _ in range(rounds)))


def of_each(works: list[Callable[[], object]]) -> Times:
    """Return the processor time of each of several pieces of work of one thread, each done once."""
    return Times(tuple(_once(work) for work in works))


def _once(work: Callable[[], object]) -> float:
    """What other processes take from this one does not count: on an idle machine it is the time that passes."""
    began = time.process_time()
    work()
    return time.process_time() - began
