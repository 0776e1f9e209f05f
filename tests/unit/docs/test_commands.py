"""The pages on commands and findings say what is so; `make docs` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from typer.main import get_command

from analytics_engine.cli.main import app
from analytics_engine.cli.reference import command_reference
from analytics_engine.contracts.services import PORTS
from analytics_engine.doctor.reference import with_checks

ROOT = Path(__file__).parents[3]


def test_the_page_of_commands_is_current() -> None:
    page = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    assert command_reference(app) == page


def test_the_table_of_findings_is_current() -> None:
    page = (ROOT / "docs" / "howto" / "diagnose.md").read_text(encoding="utf-8")
    assert with_checks(page) == page


def test_every_command_the_guide_promises_is_there() -> None:
    commands = getattr(get_command(app), "commands")  # noqa: B009 - typed by the library it wraps
    promised = {"doctor", "health", "logs", "preflight", "daily", "weekly", "monthly", "support-bundle"}
    assert promised <= set(commands)


def test_both_scripts_ask_every_service_on_its_port() -> None:
    for name in ("check_health.sh", "check_health.ps1"):
        text = (ROOT / "scripts" / name).read_text(encoding="utf-8")
        asked = dict(re.findall(r"(?:Name = \")?\b([a-z_]+)(?:\"; Port = |:)(\d{4})", text))
        assert asked == {service.value: str(port) for service, port in PORTS.items()}, name
        assert all(status in text for status in ("healthy", "degraded", "unhealthy", "down"))
