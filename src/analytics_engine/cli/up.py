from __future__ import annotations

from typing import Annotated

import typer


def up(
    *,
    reset: Annotated[bool, typer.Option("--reset", help="Delete all data of AE_HOME first; asks.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    port_offset: Annotated[
        int | None, typer.Option(min=0, max=50_000, help="Added to every port; default AE_PORT_OFFSET, else 0.")
    ] = None,
    sample: Annotated[bool, typer.Option(help="Load the sample client's data at the first start.")] = True,
) -> None:
    """Run the whole system on this machine until it is told to stop."""
    from analytics_engine.bootstrap import one_machine
    from analytics_engine.bootstrap.settings import load_settings
    from analytics_engine.embedded.instance import only_one
    from analytics_engine.embedded.supervisor import Supervisor
    from analytics_engine.embedded.terminal import Terminal

    settings = load_settings() if port_offset is None else load_settings(ae_port_offset=port_offset)
    home = one_machine.home_of(settings)
    with only_one(home):
        if reset:
            if not yes:
                typer.confirm(f"Delete everything in {home.path}: database, secrets, logs?", abort=True)
            home.delete_data()
        Supervisor(one_machine.plan(settings, home, with_sample=sample), Terminal()).run()


def register(app: typer.Typer) -> None:
    app.command()(up)
