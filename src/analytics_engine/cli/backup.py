from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from analytics_engine.backups.manifest import Kind, Manifest
    from analytics_engine.bootstrap.backups import Backups

T = TypeVar("T")

group = typer.Typer(help="Backups of the database and of the configuration.", no_args_is_help=True)

_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_Backup = Annotated[str, typer.Argument(help="The backup's id; default the newest.")]
_Kind = Annotated[
    str,
    typer.Argument(
        help="daily (a dump), weekly (the server's files, from which a moment is restored), monthly (a dump kept "
        "longer) or configuration."
    ),
]


@group.command()
def run(kind: _Kind = "daily", *, as_json: _Json = False) -> None:
    """Make a backup now and verify it by reading it back."""
    backups, wanted = _backups(), _kind(kind)
    making = backups.configuration().make() if wanted.value == "configuration" else backups.maker().make(wanted)
    manifest = _awaited(making)
    if as_json:
        typer.echo(json.dumps(_summary(manifest), indent=2))
        return
    typer.echo(f"{manifest.id}: {_mib(manifest.size_bytes)}, stored as {_mib(manifest.stored_bytes)} at {backups.url}.")
    typer.echo(f"Keep a copy of {backups.key_file} elsewhere: without it no backup can be read.", err=True)


@group.command("list")
def list_backups(*, as_json: _Json = False) -> None:
    """Print all finished backups, oldest first; exit code 1 when one of them cannot be read."""
    from analytics_engine.errors import AnalyticsEngineError

    async def read() -> list[dict[str, Any]]:
        repository = _backups().repository()
        found: list[dict[str, Any]] = []
        for one in await repository.ids():
            try:
                found.append(_summary(await repository.manifest(one)))
            except AnalyticsEngineError as error:
                found.append({"id": one, "error": error.detail})
        return found

    found = _awaited(read())
    if as_json:
        typer.echo(json.dumps(found, indent=2))
    for one in found if not as_json else ():
        told = one.get("error") or f"{_mib(one['size_bytes']):>12}  stored {_mib(one['stored_bytes']):>12}"
        typer.echo(f"{one['id']:<36}  {told}")
    if any("error" in one for one in found):
        raise typer.Exit(1)


@group.command()
def show(backup: Annotated[str, typer.Argument(help="The backup's id.")]) -> None:
    """Print all that is known of a backup, as JSON."""
    typer.echo(_awaited(_backups().repository().manifest(backup)).model_dump_json(indent=2))


@group.command()
def verify(backup: _Backup = "", *, as_json: _Json = False) -> None:
    """Read a backup whole and compare it with its manifest; nothing is restored."""
    from analytics_engine.backups.verifying import verified

    manifest = _awaited(verified(_backups().repository(), backup))
    if as_json:
        typer.echo(json.dumps(_summary(manifest), indent=2))
    else:
        typer.echo(
            f"{manifest.id}: {len(manifest.files)} files, {_mib(manifest.stored_bytes)}, are as they were written."
        )


@group.command()
def drill(backup: _Backup = "", *, as_json: _Json = False) -> None:
    """Restore a backup into a server that is thrown away, look at it, and keep the proof."""
    proof = _awaited(_backups().drill().run(backup))
    if as_json:
        typer.echo(json.dumps(asdict(proof), indent=2))
    else:
        typer.echo(
            f"{proof.backup}: restored in {proof.seconds} s, {proof.rows} rows in {len(proof.tables)} tables, up to "
            f"{proof.reaches}."
        )


@group.command()
def prune(
    *, yes: Annotated[bool, typer.Option("--yes", help="Do it; else only say what.")] = False, as_json: _Json = False
) -> None:
    """Forget backups beyond those that are kept, and the changes only they needed; never the last one of a kind."""
    retention = _backups().retention()
    names = _awaited(retention.prune() if yes else retention.expired())
    if as_json:
        typer.echo(json.dumps({"removed" if yes else "would_remove": list(names)}, indent=2))
        return
    for name in names:
        typer.echo(name)
    typer.echo(f"{len(names)} removed." if yes else f"{len(names)} would be removed; --yes removes them.", err=True)


@group.command()
def serve() -> None:
    """Make backups by their schedule and receive the log of changes, until told to stop."""
    from analytics_engine.bootstrap.backups import run_backup_server

    run_backup_server(_backups())


def _backups() -> Backups:
    from analytics_engine.bootstrap.backups import Backups
    from analytics_engine.bootstrap.settings import load_settings

    return Backups(load_settings())


def _kind(name: str) -> Kind:
    from analytics_engine.backups.manifest import Kind
    from analytics_engine.errors import InvalidInput

    if name not in set(Kind):
        raise InvalidInput(f"There are no backups of the kind {name!r}.", remedy=f"Name one of: {', '.join(Kind)}.")
    return Kind(name)


def _summary(manifest: Manifest) -> dict[str, Any]:
    told = manifest.model_dump(mode="json", include={"id", "kind", "began_at", "finished_at", "product", "database"})
    return told | {
        "server_version": manifest.server_version,
        "size_bytes": manifest.size_bytes,
        "stored_bytes": manifest.stored_bytes,
    }


def _awaited(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:,.1f} MiB"


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="backup")
