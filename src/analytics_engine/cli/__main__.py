"""``python -m analytics_engine.cli``: the command line, for children of our own."""

from __future__ import annotations

from analytics_engine.cli.main import run

run()
