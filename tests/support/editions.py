"""Two versions of the product as an operator has them: wheels, each installed in a virtual environment of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

_ROOT = Path(__file__).parents[2]
_PARTS = ("src", "catalog", "migrations", "pyproject.toml", "README.md", "LICENSE")
_NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.pyc")
_UV = Path(sys.executable).with_name("uv")
_MORE = '''"""A table that only the newer version knows."""

from __future__ import annotations

from alembic import op

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create table public.only_the_newer_version_knows (id int)")
'''
NEWER_REVISION = "9999"
NEWER_TABLE = "only_the_newer_version_knows"


def install_edition(folder: Path, version: str, *, newer_schema: bool) -> Path:
    """Build the wheel of a version, install it under ``folder``, and return the virtual environment.

    Every other package is that of the Python which runs the tests.
    """
    tree = folder / f"tree-{version}"
    for part in _PARTS:
        source, target = _ROOT / part, tree / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=_NOT_COPIED)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    project = tree / "pyproject.toml"
    before = project.read_text(encoding="utf-8")
    project.write_text(re.sub(r'(?m)^version = ".*"$', f'version = "{version}"', before, count=1), encoding="utf-8")
    if newer_schema:
        _add_migration(tree / "migrations")
    _run(_UV, "build", "--quiet", "--wheel", "--out-dir", folder, tree)
    (wheel,) = folder.glob(f"analytics_engine-{version}-*.whl")
    venv = folder / f"venv-{version}"
    _run(_UV, "venv", "--quiet", "--no-project", "--python", sys.executable, venv)
    options = ("--quiet", "--offline", "--no-deps", "--compile-bytecode")
    _run(_UV, "pip", "install", *options, "--python", venv / "bin" / "python", wheel)
    (packages,) = venv.glob("lib/python*/site-packages")
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return venv


def _add_migration(folder: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder))
    before = ScriptDirectory.from_config(config).get_current_head()
    (folder / "versions" / f"{NEWER_REVISION}_more.py").write_text(
        _MORE.format(revision=NEWER_REVISION, before=before), encoding="utf-8"
    )


def _run(*command: object) -> None:
    subprocess.run([*map(str, command)], check=True, stdin=subprocess.DEVNULL, cwd="/", timeout=300)
