"""What ``up`` shows: steps with their times, a bar where the length is known, plain lines when nobody watches."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

_REPEAT_S = 10.0


class Bar:
    """How far one step is."""

    def __init__(self, terminal: Terminal, progress: Progress | None, task: TaskID | None) -> None:
        self._terminal = terminal
        self._progress = progress
        self._task = task
        self._said = ""
        self._said_at = 0.0

    def show(self, fraction: float, step: str) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=fraction, step=escape(step))
        elif step != self._said or time.monotonic() - self._said_at >= _REPEAT_S:
            self._said, self._said_at = step, time.monotonic()
            self._terminal.line(f"  {fraction:4.0%}  {step}")


class Terminal:
    def __init__(self, stream: TextIO | None = None) -> None:
        self._console = Console(file=stream or sys.stdout, highlight=False, soft_wrap=True)

    def line(self, text: str = "") -> None:
        self._console.print(escape(text))

    def warn(self, text: str) -> None:
        self._console.print(f"[yellow]{escape(text)}[/yellow]")

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Say what is done, and how long it took once it is."""
        began = time.monotonic()
        if self._console.is_terminal:
            with self._console.status(escape(what) + " ..."):
                yield
            self._console.print(f"[green]✓[/green] {escape(what)} [dim]({time.monotonic() - began:.1f} s)[/dim]")
        else:
            yield
            self.line(f"{what} ({time.monotonic() - began:.1f} s)")

    @contextmanager
    def bar(self, what: str) -> Iterator[Bar]:
        """Show how far something is that knows it."""
        if not self._console.is_terminal:
            self.line(f"{what} ...")
            yield Bar(self, None, None)
            return
        columns = (
            TextColumn("  {task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("[dim]{task.fields[step]}[/dim]"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as progress:
            task = progress.add_task(escape(what), total=1.0, step="")
            yield Bar(self, progress, task)
