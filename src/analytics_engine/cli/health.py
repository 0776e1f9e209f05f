from __future__ import annotations

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from analytics_engine.contracts.services import Service

_ASK_AGAIN_S = 0.5


@dataclass(frozen=True)
class ServiceHealth:
    service: str
    url: str
    status: str
    detail: str


def health(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    wait_s: Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait until all are healthy.")] = 0.0,
) -> None:
    """Ask all seven services how they are; exit code 0 only when all are healthy, else 1."""
    from analytics_engine.bootstrap.settings import load_settings

    settings = load_settings()
    urls = {service: f"{settings.url(service)}/health" for service in Service}
    deadline = time.monotonic() + wait_s
    answers = asked(urls)
    while any(answer.status != "healthy" for answer in answers) and time.monotonic() < deadline:
        time.sleep(_ASK_AGAIN_S)
        answers = asked(urls)
    if as_json:
        typer.echo(json.dumps([asdict(answer) for answer in answers], indent=2))
    else:
        width = max(len(answer.service) for answer in answers)
        for answer in answers:
            typer.echo(f"{answer.service:<{width}}  {answer.status:<11}  {answer.url}  {answer.detail}".rstrip())
    if any(answer.status != "healthy" for answer in answers):
        raise typer.Exit(1)


def asked(urls: Mapping[Service, str]) -> list[ServiceHealth]:
    """Return what each service says, asked all at once."""
    with ThreadPoolExecutor(len(urls)) as pool:
        return list(pool.map(lambda item: _ask(item[0].value, item[1]), urls.items()))


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
