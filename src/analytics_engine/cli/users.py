from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from analytics_engine.cli.access import ACTOR, checked, with_access

if TYPE_CHECKING:
    from analytics_engine.bootstrap.access import Access

group = typer.Typer(
    help="People who may sign in. Uses DATABASE_URL and SECRET_KEY, else the system in AE_HOME.", no_args_is_help=True
)

_Email = Annotated[str, typer.Argument(help="The person's email address.")]
_Password = Annotated[
    str,
    typer.Option(
        envvar="AE_ADMIN_PASSWORD",
        prompt=True,
        confirmation_prompt=True,
        hide_input=True,
        help="Asked for if not given.",
    ),
]
_Client = Annotated[str, typer.Option(help="The client they belong to; default AE_DEFAULT_CLIENT.")]


@group.command("list")
def list_users(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print who may sign in."""
    from analytics_engine.kernel.paging import PageRequest

    page = with_access(lambda access: access.users.page(PageRequest(limit=500)))
    if as_json:
        typer.echo(page.model_dump_json(indent=2))
        return
    for user in page.items:
        state = "disabled" if user.disabled else "active"
        typer.echo(f"{user.email:<40} {user.role:<11} {user.client_id:<20} {state}")


@group.command("create-admin")
def create_admin(
    *,
    password: _Password,
    email: Annotated[str, typer.Option(help="Default AE_ADMIN_EMAIL.")] = "",
    name: Annotated[str, typer.Option(help="What to call them.")] = "Administrator",
    client: _Client = "",
) -> None:
    """Create an administrator."""
    _create(email=email, password=password, name=name, role="admin", client=client)


@group.command()
def create(
    email: _Email,
    *,
    password: _Password,
    name: Annotated[str, typer.Option(help="What to call them; default the email address.")] = "",
    role: Annotated[str, typer.Option(help="viewer, analyst, consultant, operator or admin.")] = "viewer",
    client: _Client = "",
) -> None:
    """Create a user."""
    _create(email=email, password=password, name=name, role=role, client=client)


@group.command("reset-password")
def reset_password(email: _Email, *, password: _Password) -> None:
    """Give a user another password; they are signed out everywhere."""

    async def act(access: Access) -> None:
        user = await access.users.by_email(email)
        await access.users.reset_password(user.id, password, actor=ACTOR)

    with_access(act)
    typer.echo(f"{email} has a new password.")


@group.command()
def disable(email: _Email) -> None:
    """Let a user sign in no longer."""
    _set_disabled(email, disabled=True)


@group.command()
def enable(email: _Email) -> None:
    """Let a user sign in again."""
    _set_disabled(email, disabled=False)


def _create(*, email: str, password: str, name: str, role: str, client: str) -> None:
    from analytics_engine.bootstrap.settings import load_settings
    from analytics_engine.services.api_gateway.users.schemas import NewUser

    settings = load_settings()
    address = email or settings.ae_admin_email
    new = checked(
        NewUser,
        email=address,
        password=password,
        name=name or address,
        role=role,
        client_id=client or settings.ae_default_client,
    )
    with_access(lambda access: access.users.create(new, actor=ACTOR))
    typer.echo(f"{new.email} may sign in as {new.role} of {new.client_id}.")


def _set_disabled(email: str, *, disabled: bool) -> None:
    from analytics_engine.services.api_gateway.users.schemas import UserChange

    async def act(access: Access) -> None:
        user = await access.users.by_email(email)
        await access.users.change(user.id, UserChange(disabled=disabled), actor=ACTOR)

    with_access(act)
    typer.echo(f"{email} is {'disabled' if disabled else 'active'}.")


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="users")
