"""House rules that a machine can hold. Layers and cycles are held by import-linter in `make check`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics_engine.contracts.services import Service

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "analytics_engine"
TEXT_SUFFIXES = {".py", ".md", ".sql", ".toml", ".yaml", ".yml", ".ts", ".tsx", ".css", ".html", ".json", ".lock", ""}


def modules(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "_data" not in path.parts)


def public_names(path: Path) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node


@pytest.mark.parametrize("layer", ["kpi", "contracts"])
def test_public_names_of_the_engine_and_of_contracts_say_what_they_are(layer: str) -> None:
    """A public class or function there has a docstring; definitions of a few lines speak by their fields."""
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in modules(SOURCE / layer)
        for node in public_names(path)
        if ast.get_docstring(node) is None and (node.end_lineno or 0) - node.lineno > 8
    ]
    assert silent == []


def test_every_service_is_a_room_with_a_builder() -> None:
    for service in Service:
        assert (SOURCE / "services" / service.value / "__init__.py").exists()
        assert (SOURCE / "bootstrap" / f"{service.value}.py").exists()


def test_work_to_do_is_not_left_in_the_code() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules(SOURCE)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if marks.search(line)
    ]
    assert found == []


def swallows_everything(node: ast.AST) -> bool:
    """Whether a handler catches every error and does not pass it on."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    broad = node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
    passes_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
    return broad and not passes_on


def test_broad_excepts_live_at_the_edges() -> None:
    """Request, message and job may end every error; elsewhere a broad except notes it and passes it on."""
    edges = {"kernel/http/edge.py", "kernel/tasks.py", "kernel/consuming.py"}
    found = {
        str(path.relative_to(SOURCE))
        for path in modules(SOURCE)
        if any(map(swallows_everything, ast.walk(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert found <= edges


def test_no_file_is_too_long_to_read() -> None:
    """Aim at 90 lines; past 450 a file has two ideas."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in modules(SOURCE)
        if (lines := len(path.read_text().splitlines())) > 450
    }
    assert long == {}
