from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from analytics_engine.contracts.events import EventType
from analytics_engine.errors import DependencyUnavailable, Forbidden, InvalidInput, NotFound
from analytics_engine.kernel.http.authentication import CurrentPrincipal, require_role
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.paging import Page, PageHere
from analytics_engine.kernel.ports.streams import DeadLetter, StreamStatus
from analytics_engine.kernel.security.principal import Role
from analytics_engine.services.messaging_service.deps import Messaging
from analytics_engine.services.messaging_service.schemas import (
    AllReplayed,
    Discarded,
    RecentEvent,
    RegisteredType,
    Replayed,
)

events = APIRouter(prefix="/events", tags=["events"])
streams = APIRouter(prefix="/streams", tags=["streams"])
dead_letters = APIRouter(prefix="/dlq", tags=["dead letters"])

Group = Annotated[str, Path(description="the consumer group that gave up")]
LetterId = Annotated[str, Path(description="the dead letter's id, as listed")]


@events.get("/types")
async def read_types(_: CurrentPrincipal, service: Messaging) -> list[RegisteredType]:
    """List the registered event types, each with the JSON schema of its data."""
    return service.types()


@events.get("/asyncapi")
async def read_asyncapi(_: CurrentPrincipal, service: Messaging) -> dict[str, Any]:
    """Return the AsyncAPI 3.0 document of the registered events: where each is sent, and what it carries."""
    return service.asyncapi()


@events.get("", responses=problems(DependencyUnavailable))
async def read_events(
    principal: CurrentPrincipal,
    service: Messaging,
    page: PageHere,
    event_type: Annotated[EventType | None, Query(alias="type", description="Only events of this type")] = None,
) -> Page[RecentEvent]:
    """Return the client's events of the last day, newest first, sent or still waiting to be."""
    return await service.recent(client_id=principal.client_id, event_type=event_type, page=page)


@streams.get("", responses=problems(Forbidden, DependencyUnavailable))
async def read_streams(principal: CurrentPrincipal, service: Messaging) -> list[StreamStatus]:
    """Return how long each stream is, and how far each consumer group is (operators)."""
    require_role(principal, Role.OPERATOR)
    return await service.streams()


@dead_letters.get("", responses=problems(Forbidden, DependencyUnavailable))
async def read_dead_letters(
    principal: CurrentPrincipal,
    service: Messaging,
    page: PageHere,
    group: Annotated[str | None, Query(description="Only those of this consumer group")] = None,
) -> Page[DeadLetter]:
    """Return the client's events that a consumer group gave up on, with the reason, newest first (operators)."""
    require_role(principal, Role.OPERATOR)
    return await service.dead_letters(client_id=principal.client_id, group=group, page=page)


@dead_letters.post(
    "/{group}/{letter_id}/replay", responses=problems(Forbidden, NotFound, InvalidInput, DependencyUnavailable)
)
async def replay_dead_letter(
    group: Group, letter_id: LetterId, principal: CurrentPrincipal, service: Messaging
) -> Replayed:
    """Send a dead letter's event once more; groups that handled it before know it by its id (operators)."""
    require_role(principal, Role.OPERATOR)
    return await service.replay(client_id=principal.client_id, group=group, letter_id=letter_id)


@dead_letters.post("/{group}/replay", responses=problems(Forbidden, DependencyUnavailable))
async def replay_dead_letters(group: Group, principal: CurrentPrincipal, service: Messaging) -> AllReplayed:
    """Send the events of all dead letters of a group once more, those that failed first at first (operators)."""
    require_role(principal, Role.OPERATOR)
    return await service.replay_all(client_id=principal.client_id, group=group)


@dead_letters.delete(
    "/{group}/{letter_id}", status_code=204, responses=problems(Forbidden, NotFound, DependencyUnavailable)
)
async def discard_dead_letter(
    group: Group, letter_id: LetterId, principal: CurrentPrincipal, service: Messaging
) -> None:
    """Forget a dead letter for good; the group is not given its event again (operators)."""
    require_role(principal, Role.OPERATOR)
    await service.discard(client_id=principal.client_id, group=group, letter_id=letter_id)


@dead_letters.delete("/{group}", responses=problems(Forbidden, DependencyUnavailable))
async def discard_dead_letters(group: Group, principal: CurrentPrincipal, service: Messaging) -> Discarded:
    """Forget all dead letters of a group for good; the group is not given their events again (operators)."""
    require_role(principal, Role.OPERATOR)
    return await service.discard_all(client_id=principal.client_id, group=group)


ROUTERS = (events, streams, dead_letters)
