"""What tests need is built once on a machine, whole or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.builds import build

COUNTS = """
echo built >>"{log}"
mkdir -p "$1/bin"
"""


def recipe(folder: Path, script: str) -> Path:
    path = folder / "recipe.sh"
    path.write_text(script)
    return path


def test_of_several_at_once_one_builds_and_the_others_wait(tmp_path: Path) -> None:
    log = tmp_path / "log"
    steps = recipe(tmp_path, COUNTS.format(log=log))
    with ThreadPoolExecutor(4) as pool:
        reasons = list(pool.map(lambda _: build(tmp_path / "cache" / "it", steps), range(4)))
    assert reasons == [""] * 4
    assert log.read_text() == "built\n"
    assert (tmp_path / "cache" / "it" / "bin").is_dir()


def test_a_build_that_fails_leaves_nothing_and_says_why(tmp_path: Path) -> None:
    steps = recipe(tmp_path, 'mkdir "$1/half"\necho details >&2\necho "this is not Debian" >&2\nexit 1\n')
    assert build(tmp_path / "cache" / "it", steps) == "this is not Debian"
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["it.lock"]


def test_it_is_built_again_after_a_failure(tmp_path: Path) -> None:
    place = tmp_path / "cache" / "it"
    assert build(place, recipe(tmp_path, "exit 3\n")) == "recipe.sh ended with 3"
    assert build(place, recipe(tmp_path, COUNTS.format(log=tmp_path / "log"))) == ""
    assert place.is_dir()


def test_a_cache_that_cannot_be_written_is_a_reason(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file in its place")
    assert build(tmp_path / "cache" / "it", recipe(tmp_path, "exit 3\n")).startswith(str(tmp_path / "cache"))
