from __future__ import annotations

import inspect
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Response

from analytics_engine.errors import (
    Conflict,
    DependencyTimeout,
    DependencyUnavailable,
    Forbidden,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
)
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.http.versions import ExpectedVersion
from analytics_engine.kernel.paging import Page, PageHere
from analytics_engine.kernel.security.principal import Principal
from analytics_engine.services.messaging_service.delivering.deps import Deliveries, DeliveryId, Operator
from analytics_engine.services.messaging_service.delivering.schemas import (
    Delivery,
    DeliveryState,
    DeliveryWithContent,
    Purpose,
)
from analytics_engine.services.messaging_service.notifications.deps import Channels, Notifying
from analytics_engine.services.messaging_service.notifications.kinds import KINDS, ChannelKind
from analytics_engine.services.messaging_service.notifications.schemas import (
    Accepted,
    Channel,
    ChannelKindView,
    ChannelSettings,
    ChannelTrial,
    NewNotification,
)

_CREATED, _ACCEPTED, _NO_CONTENT = 201, 202, 204
_CHANGE_PROBLEMS = problems(InvalidInput, Forbidden, Conflict, DependencyUnavailable, DependencyTimeout)


ChannelId = Annotated[UUID, Path(description="the channel's id")]

router = APIRouter(prefix="/notifications", tags=["notifications"], responses=problems(Forbidden))


@router.post("", status_code=_ACCEPTED, responses=problems(InvalidInput, IdempotencyConflict))
async def send_notification(
    new: NewNotification,
    operator: Operator,
    service: Notifying,
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=200, description="sent again under its key, it is sent once")
    ] = None,
) -> Accepted:
    """Send a message to channels; accepted, it is kept until it is delivered or has failed for good (operators)."""
    return await service.notify(new, client_id=operator.client_id, key=idempotency_key, author=_author(operator))


@router.get("/kinds")
async def read_kinds(_: Operator) -> list[ChannelKindView]:
    """List the kinds of channels, each with the JSON schema of its options (operators)."""
    return [
        ChannelKindView(
            kind=kind,
            title=described.title,
            description=inspect.getdoc(described.options) or "",
            options_schema=described.options.model_json_schema(),
            secrets=list(described.secrets),
            optional_secrets=list(described.optional_secrets),
        )
        for kind, described in KINDS.items()
    ]


@router.get("/channels")
async def read_channels(
    operator: Operator,
    service: Channels,
    page: PageHere,
    kind: Annotated[ChannelKind | None, Query(description="Only those of this kind")] = None,
) -> Page[Channel]:
    """List the client's channels by name, without their secrets (operators)."""
    return await service.channels(client_id=operator.client_id, kind=kind, page=page)


@router.post("/channels", status_code=_CREATED, responses=_CHANGE_PROBLEMS)
async def create_channel(
    settings: ChannelSettings, operator: Operator, service: Channels, response: Response
) -> Channel:
    """Make a channel; its test shows whether it works (operators)."""
    channel = await service.create(settings, client_id=operator.client_id, author=_author(operator))
    response.headers["Location"] = f"/notifications/channels/{channel.id}"
    return _tagged(channel, response)


@router.get("/channels/{channel_id}", responses=problems(NotFound))
async def read_channel(channel_id: ChannelId, operator: Operator, service: Channels, response: Response) -> Channel:
    """Return a channel, without its secrets; its ETag is what If-Match takes (operators)."""
    return _tagged(await service.channel(channel_id, client_id=operator.client_id), response)


@router.put("/channels/{channel_id}", responses={**_CHANGE_PROBLEMS, **problems(NotFound)})
async def change_channel(
    channel_id: ChannelId,
    settings: ChannelSettings,
    operator: Operator,
    *,
    service: Channels,
    expected: ExpectedVersion,
    response: Response,
) -> Channel:
    """Change a channel; with If-Match only the version that was read (operators)."""
    changed = await service.change(channel_id, settings, client_id=operator.client_id, expected=expected)
    return _tagged(changed, response)


@router.delete("/channels/{channel_id}", status_code=_NO_CONTENT, responses=problems(NotFound, Conflict))
async def delete_channel(
    channel_id: ChannelId, operator: Operator, service: Channels, expected: ExpectedVersion
) -> None:
    """Delete a channel; what waits for it fails, and its log stays (operators)."""
    await service.delete(channel_id, client_id=operator.client_id, expected=expected)


@router.post("/channels/{channel_id}/test", responses=problems(NotFound))
async def test_channel(channel_id: ChannelId, operator: Operator, service: Channels) -> ChannelTrial:
    """Send a test message now; the answer is what the receiver said, or why it was not reached (operators)."""
    return await service.test(channel_id, client_id=operator.client_id)


@router.get("/deliveries")
async def read_deliveries(
    operator: Operator,
    service: Deliveries,
    page: PageHere,
    *,
    channel_id: Annotated[UUID | None, Query(description="Only those to this channel")] = None,
    state: Annotated[DeliveryState | None, Query(description="Only those in this state")] = None,
    message_id: Annotated[str | None, Query(description="Only those of this notification or event")] = None,
) -> Page[Delivery]:
    """List what was, or is to be, delivered to channels in the last 30 days, newest first (operators)."""
    return await service.page(
        client_id=operator.client_id,
        purpose=Purpose.NOTIFICATION,
        target_id=channel_id,
        state=state,
        message_id=message_id,
        page=page,
    )


@router.get("/deliveries/{delivery_id}", responses=problems(NotFound))
async def read_delivery(delivery_id: DeliveryId, operator: Operator, service: Deliveries) -> DeliveryWithContent:
    """Return a delivery and what it brings (operators)."""
    return await service.delivery(delivery_id, client_id=operator.client_id, purpose=Purpose.NOTIFICATION)


@router.post("/deliveries/{delivery_id}/redeliver", status_code=_ACCEPTED, responses=problems(NotFound, Conflict))
async def redeliver_notification(delivery_id: DeliveryId, operator: Operator, service: Deliveries) -> Delivery:
    """Have a finished delivery tried anew, after what was wrong has been mended (operators)."""
    return await service.again(delivery_id, client_id=operator.client_id, purpose=Purpose.NOTIFICATION)


def _author(principal: Principal) -> str:
    return principal.name or principal.subject


def _tagged(channel: Channel, response: Response) -> Channel:
    response.headers["ETag"] = f'"{channel.version}"'
    return channel
