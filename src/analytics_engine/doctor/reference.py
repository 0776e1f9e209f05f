"""The checks of the doctor as a table of the documentation; a test holds the page in docs/ equal to this."""

from __future__ import annotations

import re

from analytics_engine.doctor.diagnosis import CHECKS
from analytics_engine.doctor.findings import Check

BEGIN = "<!-- checks: written by `make docs` -->"
END = "<!-- end of checks -->"
_FORMAT = re.compile(r"(?<!\{)\{(\w+)(?::[^}]*)?\}(?!\})")


def with_checks(page: str) -> str:
    """Return a page with the table of checks between the two marks written anew."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    rows = "\n".join(map(_row, CHECKS))
    head = "| finding | says | why it matters | what mends it |\n|---|---|---|---|"
    return f"{before}{BEGIN}\n\n{head}\n{rows}\n\n{END}{after}"


def _row(check: Check) -> str:
    name = f"`{check.name}` ({check.severity.value})"
    return f"| {name} | {_shown(check.what)} | {_shown(check.why)} | {_shown(check.fix)} |"


def _shown(text: str) -> str:
    return _FORMAT.sub(r"*\1*", text).replace("{{", "{").replace("}}", "}").replace("|", "\\|")
