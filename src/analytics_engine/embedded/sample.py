"""The sample client's data: loaded once, by demo_config_service, while we watch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analytics_engine.contracts.services import Service
from analytics_engine.embedded.probe import Reply, ask
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.kernel.security.tokens import InternalTokens

SAMPLE = "nyc-flights"
_OK, _ACCEPTED = 200, 202
_UNDER_WAY = frozenset({"queued", "running"})


@dataclass(frozen=True)
class LoadState:
    """How far the load is; ``failure`` says why it will not get further."""

    done: bool
    progress: float = 0.0
    step: str = ""
    failure: str = ""
    remedy: str = ""


class SampleLoad:
    """Asks for the sample when it was not loaded yet, and follows the load."""

    def __init__(self, *, base_url: str, tokens: InternalTokens) -> None:
        self._base_url = base_url.rstrip("/")
        self._tokens = tokens
        self._load_id = ""

    def needed(self) -> bool:
        """Return whether the sample is still to be loaded; a load that is under way is joined."""
        latest = self._ask("GET", f"/demo/samples/{SAMPLE}").document.get("latest_load") or {}
        if latest.get("status") in _UNDER_WAY:
            self._load_id = str(latest["load_id"])
        return latest.get("status") != "succeeded"

    def begin(self) -> LoadState:
        if self._load_id:
            return self.state()
        reply = self._ask("POST", f"/demo/samples/{SAMPLE}/load")
        if reply.status not in {_OK, _ACCEPTED}:
            return _failed(reply)
        self._load_id = str(reply.document["load_id"])
        return _state(reply)

    def state(self) -> LoadState:
        reply = self._ask("GET", f"/demo/loads/{self._load_id}")
        # A service that is being restarted goes on with the load afterwards: no answer is no failure.
        return LoadState(done=False, step="waiting for demo_config_service") if not reply.status else _state(reply)

    def _ask(self, method: str, path: str) -> Reply:
        principal = Principal(
            subject="service:supervisor", client_id=SAMPLE, role=Role.SERVICE, name="analytics-engine"
        )
        token = self._tokens.mint(principal, audience=Service.DEMO_CONFIG.value)
        return ask(self._base_url + path, method=method, headers={"Authorization": f"Bearer {token}"})


def follow(load: SampleLoad, *, show: Callable[[float, str], None], between: Callable[[], None]) -> LoadState:
    """Return the state in which the load ended; ``between`` is called while waiting."""
    state = load.begin()
    while not state.done:
        show(state.progress, state.step)
        between()
        state = load.state()
    return state


def _state(reply: Reply) -> LoadState:
    if reply.status not in {_OK, _ACCEPTED}:
        return _failed(reply)
    load = reply.document
    failed = load["status"] == "failed"
    return LoadState(
        done=load["status"] not in _UNDER_WAY,
        progress=float(load["progress"]),
        step=load["step"],
        failure=(load.get("detail") or "The load failed.") if failed else "",
        remedy=load.get("remedy", "") if failed else "",
    )


def _failed(reply: Reply) -> LoadState:
    detail = reply.document.get("detail") or reply.problem or f"demo_config_service answered {reply.status}"
    return LoadState(done=True, failure=str(detail), remedy=str(reply.document.get("remedy", "")))
