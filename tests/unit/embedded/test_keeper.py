from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from analytics_engine.embedded.home import Home
from analytics_engine.embedded.journal import Journal
from analytics_engine.embedded.keeper import Keeper
from analytics_engine.errors import ProgramFailed


@dataclass
class Process:
    running: bool = True
    exit_code: int | None = None


@dataclass
class Program:
    """A program that dies when told to, on a clock that moves when told to."""

    name: str = "worker"
    child: Process = field(default_factory=Process)
    launches: int = 0
    fails: bool = False

    def launch(self) -> None:
        self.launches += 1
        if self.fails:
            raise ProgramFailed("It does not start.")
        self.child = Process()

    def die(self, code: int = 137) -> None:
        self.child = Process(running=False, exit_code=code)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def keeper(clock: Clock, told: list[str], tmp_path: Path) -> Keeper:
    return Keeper(Journal(Home(tmp_path)), tell=told.append, clock=clock)


def delay_until_restart(keeper: Keeper, program: Program, clock: Clock) -> float:
    """Let time pass in steps of 0.1 s until the program is launched again."""
    began, launches = clock.now, program.launches
    keeper.check()
    while program.launches == launches:
        clock.now = round(clock.now + 0.1, 1)
        keeper.check()
    return round(clock.now - began, 1)


def test_a_program_that_keeps_dying_is_started_ever_more_slowly(keeper: Keeper, clock: Clock) -> None:
    """The pauses are 0.1, 0.5, 1, 2, 5, 10 and then 30 s."""
    program = Program()
    keeper.look_after([program])
    pauses = []
    for _ in range(8):
        program.die()
        pauses.append(delay_until_restart(keeper, program, clock))
    assert pauses == [0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 30.0]


def test_a_minute_of_health_forgets_earlier_deaths(keeper: Keeper, clock: Clock) -> None:
    """After a minute without a death the next one is answered at once again."""
    program = Program()
    keeper.look_after([program])
    for _ in range(3):
        program.die()
        delay_until_restart(keeper, program, clock)
    clock.now += 60
    keeper.check()
    program.die()
    assert delay_until_restart(keeper, program, clock) == 0.1


def test_a_start_that_fails_is_tried_again(keeper: Keeper, clock: Clock) -> None:
    """A program that cannot be started now is tried again later, more slowly each time."""
    program = Program(fails=True)
    keeper.look_after([program])
    program.die()
    delay_until_restart(keeper, program, clock)
    assert delay_until_restart(keeper, program, clock) == 0.5
    program.fails = False
    delay_until_restart(keeper, program, clock)
    assert program.child.running


@pytest.mark.parametrize(
    ("code", "words"),
    [(137, "was killed by signal 9"), (-9, "was killed by signal 9"), (2, "ended with exit code 2")],
)
def test_the_operator_is_told_how_it_ended(keeper: Keeper, told: list[str], code: int, words: str) -> None:
    """One line names the program, how it ended, and when it is started again."""
    program = Program()
    keeper.look_after([program])
    program.die(code)
    keeper.check()
    assert told == [f"worker {words}; it is started again in 0.1 s."]
