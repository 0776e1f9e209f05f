from __future__ import annotations

from typing import Annotated

import typer

from analytics_engine.contracts.services import Service


def serve(
    service: Annotated[Service, typer.Argument(help="Which of the seven services.")],
    host: Annotated[str | None, typer.Option(help="Address to listen on; default AE_BIND_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default the guide's.")] = None,
) -> None:
    """Run one service until it is told to stop."""
    from analytics_engine.bootstrap.server import run_service
    from analytics_engine.bootstrap.settings import load_settings

    run_service(service, load_settings(), host=host, port=port)


def register(app: typer.Typer) -> None:
    app.command()(serve)
