from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from analytics_engine.errors import (
    Conflict,
    DependencyTimeout,
    DependencyUnavailable,
    Forbidden,
    InvalidInput,
    NotFound,
)
from analytics_engine.kernel.http.authentication import CurrentPrincipal, require_role
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.http.versions import ExpectedVersion
from analytics_engine.kernel.paging import Page, PageHere
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.services.calculation_engine_service.alerts.deps import AlertsHere, SilencesHere
from analytics_engine.services.calculation_engine_service.alerts.schemas import (
    Acknowledgement,
    ActiveCell,
    Alert,
    AlertChange,
    AlertDetail,
    AlertRule,
    CellView,
    Replay,
    ReplayRequest,
    Silence,
    SilenceSettings,
)

_OK = 200
_CREATED = 201
_ACCEPTED = 202
_NO_CONTENT = 204
_AWAY = (DependencyUnavailable, DependencyTimeout)

AlertId = Annotated[UUID, Path(description="the alert's id")]
SilenceId = Annotated[UUID, Path(description="the silence's id")]

router = APIRouter(prefix="/alerts", tags=["alerts"])


@router.get("")
async def read_alerts(principal: CurrentPrincipal, service: AlertsHere, page: PageHere) -> Page[Alert]:
    """List the client's alerts by name."""
    return await service.page(principal.client_id, page)


@router.post(
    "",
    status_code=_CREATED,
    responses={_OK: {"model": Alert}, **problems(Forbidden, Conflict, InvalidInput, *_AWAY)},
)
async def create_alert(rule: AlertRule, principal: CurrentPrincipal, service: AlertsHere, response: Response) -> Alert:
    """Make an alert; the same rule again answers 200 with the one there is (analysts)."""
    _may_change(principal)
    alert, is_new = await service.create(principal.client_id, rule, author=_author(principal))
    response.status_code = _CREATED if is_new else _OK
    response.headers["Location"] = f"/alerts/{alert.id}"
    return _tagged(alert, response)


@router.get("/active")
async def read_active(
    principal: CurrentPrincipal,
    service: AlertsHere,
    page: PageHere,
    no_data: Annotated[bool, Query(description="also cells that have no data")] = False,
) -> Page[ActiveCell]:
    """List the cells that fire, cannot be judged, or are pending; those that fire first."""
    return await service.active(principal.client_id, page, no_data=no_data)


@router.post("/replay", responses=problems(Forbidden, NotFound, InvalidInput, *_AWAY))
async def replay_alert(request: ReplayRequest, principal: CurrentPrincipal, service: AlertsHere) -> Replay:
    """Try a rule, not saved or saved, on history: when it would have fired, how often, for how long (analysts)."""
    _may_change(principal)
    return await service.replay(principal.client_id, request)


@router.get("/silences")
async def read_silences(
    principal: CurrentPrincipal,
    silences: SilencesHere,
    page: PageHere,
    ended: Annotated[bool, Query(description="also those that have ended")] = False,
) -> Page[Silence]:
    """List the client's silences, those that end last first."""
    return await silences.page(principal.client_id, page, ended=ended)


@router.post("/silences", status_code=_CREATED, responses=problems(Forbidden, Conflict, InvalidInput))
async def create_silence(settings: SilenceSettings, principal: CurrentPrincipal, silences: SilencesHere) -> Silence:
    """Have nobody told of some alerts for a time; their changes are recorded all the same (analysts)."""
    _may_change(principal)
    return await silences.add(principal.client_id, settings, author=_author(principal))


@router.post("/silences/{silence_id}/expire", responses=problems(Forbidden, NotFound))
async def expire_silence(silence_id: SilenceId, principal: CurrentPrincipal, silences: SilencesHere) -> Silence:
    """End a silence now; what fires still is told (analysts)."""
    _may_change(principal)
    return await silences.expire(principal.client_id, silence_id)


@router.get("/{alert_id}", responses=problems(NotFound))
async def read_alert(
    alert_id: AlertId, principal: CurrentPrincipal, service: AlertsHere, response: Response
) -> AlertDetail:
    """Return an alert, its cells' states, and what the last check judged; its ETag is what If-Match takes."""
    alert = await service.alert(principal.client_id, alert_id)
    _tagged(alert, response)
    return alert


@router.put("/{alert_id}", responses=problems(Forbidden, NotFound, Conflict, InvalidInput, *_AWAY))
async def change_alert(
    alert_id: AlertId,
    rule: AlertRule,
    principal: CurrentPrincipal,
    *,
    service: AlertsHere,
    expected: ExpectedVersion,
    response: Response,
) -> Alert:
    """Change an alert; with If-Match only the version that was read (analysts)."""
    _may_change(principal)
    return _tagged(await service.change(principal.client_id, alert_id, rule, expected=expected), response)


@router.delete("/{alert_id}", status_code=_NO_CONTENT, responses=problems(Forbidden, NotFound, Conflict))
async def delete_alert(
    alert_id: AlertId, principal: CurrentPrincipal, service: AlertsHere, expected: ExpectedVersion
) -> None:
    """Delete an alert with its history; what fires is told to be resolved (analysts)."""
    _may_change(principal)
    await service.delete(principal.client_id, alert_id, expected=expected)


@router.get("/{alert_id}/history", responses=problems(NotFound))
async def read_history(
    alert_id: AlertId, principal: CurrentPrincipal, service: AlertsHere, page: PageHere
) -> Page[AlertChange]:
    """List the changes of an alert's cells, the newest first."""
    return await service.history(principal.client_id, alert_id, page)


@router.post("/{alert_id}/evaluate", responses=problems(Forbidden, NotFound, Conflict))
async def evaluate_alert(alert_id: AlertId, principal: CurrentPrincipal, service: AlertsHere) -> AlertDetail:
    """Check an alert now, and return how it stands and why (analysts)."""
    _may_change(principal)
    return await service.evaluate(principal.client_id, alert_id)


@router.post("/{alert_id}/acknowledge", responses=problems(Forbidden, NotFound, Conflict))
async def acknowledge_alert(
    alert_id: AlertId, given: Acknowledgement, principal: CurrentPrincipal, service: AlertsHere
) -> list[CellView]:
    """Say that somebody sees to a cell that fires; it is forgotten when the cell does not fire any more (analysts)."""
    _may_change(principal)
    cells = await service.acknowledge(principal.client_id, alert_id, given, author=_author(principal))
    return [cell.view() for cell in cells]


@router.post("/{alert_id}/test", status_code=_ACCEPTED, responses=problems(Forbidden, NotFound, Conflict))
async def test_alert(alert_id: AlertId, principal: CurrentPrincipal, service: AlertsHere) -> None:
    """Tell the alert's channels something that is marked as a test (analysts)."""
    _may_change(principal)
    await service.test(principal.client_id, alert_id)


def _may_change(principal: Principal) -> None:
    require_role(principal, Role.ANALYST, Role.CONSULTANT, Role.OPERATOR)


def _author(principal: Principal) -> str:
    return principal.name or principal.subject


def _tagged(alert: Alert, response: Response) -> Alert:
    response.headers["ETag"] = f'"{alert.version}"'
    return alert
