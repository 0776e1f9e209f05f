"""No command of the documentation is written without saying where it is run, and so without being run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.pages import PLACES, ROOT, Block, blocks, matches, pages

_OTHER_SHELLS = ("sh", "shell", "console", "powershell", "zsh")
_FENCE = re.compile(r"^ *```(.*)$", re.MULTILINE)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_commands_says_where_it_is_run(page: Path) -> None:
    assert [block.where for block in blocks(page) if block.place not in PLACES] == []
    languages = [(info.split() or [""])[0] for info in _FENCE.findall(page.read_text(encoding="utf-8"))[::2]]
    assert [language for language in languages if language in _OTHER_SHELLS] == []
    assert "" not in languages, "a block without a language may be commands; write text where it is none"


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_documentation_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not _leads_somewhere(page, link)] == []


def test_a_page_is_read_into_its_commands_with_what_they_print(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A page\n\n<!-- setup compose\nexport A=1\n-->\n\n1. Say it:\n\n"
        "   ```bash compose for-a-while\n   echo $A\n   ```\n\n```text output\n1\n...\n```\n\n```json\n{}\n```\n"
    )

    assert blocks(page) == [
        Block(page, 3, "bash", "compose", frozenset(), "export A=1\n"),
        Block(page, 9, "bash", "compose", frozenset({"for-a-while"}), "echo $A\n", "1\n...\n"),
    ]


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb\n", "a  \nb", True),
        ("a\n...\nd", "a\nb\nc\nd\n", True),
        ("a\n...", "a\nb\n", True),
        ("a\nb", "a\nc", False),
        ("a", "a\nb", False),
    ],
)
def test_what_is_printed_is_compared_line_by_line(shown: str, printed: str, *, same: bool) -> None:
    assert matches(shown, printed) is same


def _leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not anchor:
        return target.exists()
    return target.is_file() and anchor in _anchors(target.read_text(encoding="utf-8"))


def _anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
