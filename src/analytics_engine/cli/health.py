from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from analytics_engine.contracts.services import Service


@dataclass(frozen=True)
class ServiceHealth:
    service: str
    url: str
    status: str
    detail: str


def health(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Ask all seven services how they are; exit code 0 only when all are healthy, else 1."""
    from analytics_engine.bootstrap.settings import load_settings

    settings = load_settings()
    urls = {service: f"{settings.url(service)}/health" for service in Service}
    with ThreadPoolExecutor(len(urls)) as pool:
        answers = list(pool.map(lambda item: _ask(item[0].value, item[1]), urls.items()))
    if as_json:
        typer.echo(json.dumps([asdict(answer) for answer in answers], indent=2))
    else:
        width = max(len(answer.service) for answer in answers)
        for answer in answers:
            typer.echo(f"{answer.service:<{width}}  {answer.status:<11}  {answer.url}  {answer.detail}".rstrip())
    if any(answer.status != "healthy" for answer in answers):
        raise typer.Exit(1)


def _ask(service: str, url: str) -> ServiceHealth:
    from analytics_engine.embedded.probe import ask

    reply = ask(url)
    if not reply.status:
        return ServiceHealth(service, url, "unreachable", reply.problem)
    if "status" not in reply.document:
        return ServiceHealth(service, url, "unknown", f"answered {reply.status}; another program may have the port")
    details = [one["detail"] for one in reply.document.get("dependencies", {}).values() if one.get("detail")]
    return ServiceHealth(service, url, str(reply.document["status"]), " ".join(details))


def register(app: typer.Typer) -> None:
    app.command()(health)
