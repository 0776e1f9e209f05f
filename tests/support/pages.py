"""The commands of the documentation, and a shell that runs those of one page as a reader would.

A fenced block of ``bash``, ``sql`` or ``http`` says after its language where it is to be run (``PLACES``). A block
``text output`` after it is what it prints, a line of ``...`` standing for any lines. A comment ``<!-- setup PLACE``
holds what the page takes for granted, and is run like a block.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLACES = ("one-machine", "spare-machine", "compose", "compose-production", "kubernetes", "checkout", "two-servers")
LANGUAGES = ("bash", "sql", "http")

_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=indent)```[ ]*$"
    r"|^<!-- setup (?P<place>[a-z-]+)\n(?P<setup>.*?)^-->$",
    re.MULTILINE | re.DOTALL,
)
_MARK = "\x1e"


@dataclass(frozen=True)
class Block:
    """Commands of a page.

    Args:
        line: where the block begins, counted from 1.
        options: what its fence says beside language and place; commands of ``for-a-while`` go on until interrupted.
        output: what it prints, where the page says so.
    """

    page: Path
    line: int
    language: str
    place: str
    options: frozenset[str]
    text: str
    output: str | None = None

    @property
    def where(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """Return every page of the documentation."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def blocks(page: Path) -> list[Block]:
    """Return the commands of a page in their order, whether it says where they are run or not."""
    text = page.read_text(encoding="utf-8")
    found: list[Block] = []
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if match["setup"] is not None:
            found.append(Block(page, line, "bash", match["place"], frozenset(), match["setup"]))
            continue
        body = re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
        language, *said = match["info"].split() or [""]
        if language == "text" and said == ["output"]:
            found[-1] = Block(**{**vars(found[-1]), "output": body})
        elif language in LANGUAGES:
            place = said[0] if said else ""
            found.append(Block(page, line, language, place, frozenset(said[1:]), body))
    return found


def pages_of(place: str) -> list[Path]:
    """Return the pages that have commands for a place."""
    return [page for page in pages() if any(block.place == place for block in blocks(page))]


def run_page(
    page: Path,
    place: str,
    *,
    environment: Mapping[str, str],
    folder: Path,
    prelude: str = "",
    here: Callable[[str], str] = str,
    typed: str = "",
    within_s: float = 240.0,
) -> None:
    """Run a page's commands of one place in one shell, and compare what they print where the page shows it.

    Args:
        prelude: functions and variables that the shell of a reader there has; ``run_sql`` is given SQL on its input.
        here: makes the commands' addresses those of the system under test.
        typed: what the reader types when asked.

    Raises:
        AssertionError: a command failed or printed something else; the message has the page and line.
    """
    mine = [block for block in blocks(page) if block.place == place]
    script = "\n".join([_PRELUDE, prelude, *(here(_commands(block)) for block in mine)])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=dict(environment),
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=within_s,
    )
    _, *parts = done.stdout.split(_MARK)
    at = mine[max(len(parts) - 1, 0)]
    said = parts[-1].partition("\n")[2] if parts else ""
    assert done.returncode == 0, f"{at.where}: exit code {done.returncode}\n{at.text}\n{said}\n{done.stderr[-3000:]}"
    assert len(parts) == len(mine), f"{at.where}: the shell ended here"
    for block, part in zip(mine, parts, strict=True):
        printed = part.partition("\n")[2]
        if block.output is not None:
            assert matches(block.output, printed), f"{block.where}: printed\n{printed}\ninstead of\n{block.output}"


def matches(shown: str, printed: str) -> bool:
    """Tell whether what is printed is what a page shows, where a line of ``...`` stands for any lines.

    Blanks at the ends of lines and empty lines around do not matter.
    """
    lines = [line.rstrip() for line in shown.strip().splitlines()]
    pattern = "\n".join(r"(?:.*\n)*?.*" if line == "..." else re.escape(line) for line in lines)
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in printed.strip().splitlines())) is not None


_PRELUDE = """
set -euo pipefail
curl() { command curl --silent --show-error --fail-with-body "$@"; }
for_a_while() {
  local code=0
  timeout --preserve-status --signal=INT 3 "$@" || code=$?
  [ $code = 0 ] || [ $code = 130 ]
}
"""


def _commands(block: Block) -> str:
    return f"printf '\\n{_MARK}%s\\n' {block.line}\n" + "\n".join(_shell(block))


def _shell(block: Block) -> Iterator[str]:
    if block.language == "sql":
        yield f"run_sql <<'SQL'\n{block.text}SQL"
    elif block.language == "http":
        request, _, body = block.text.partition("\n")
        method, path = request.split()
        yield (
            f'curl -X {method} "$GATEWAY{path}" -H "Authorization: Bearer $TOKEN" '
            f"-H 'Content-Type: application/json' --data-binary @- <<'BODY'\n{body}BODY"
        )
    elif "for-a-while" in block.options:
        yield from (f"for_a_while {command}" for command in re.split(r"(?<!\\)\n", block.text) if command)
    else:
        yield block.text
