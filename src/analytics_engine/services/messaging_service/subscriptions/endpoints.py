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
from analytics_engine.kernel.http.problems import problems
from analytics_engine.kernel.http.versions import ExpectedVersion
from analytics_engine.kernel.paging import Page, PageHere
from analytics_engine.services.messaging_service.delivering.deps import Deliveries, DeliveryId, Operator
from analytics_engine.services.messaging_service.delivering.schemas import (
    Delivery,
    DeliveryState,
    DeliveryWithContent,
    Purpose,
)
from analytics_engine.services.messaging_service.subscriptions.deps import Subscriptions
from analytics_engine.services.messaging_service.subscriptions.schemas import (
    SecretShown,
    Subscription,
    SubscriptionSettings,
)

_CREATED, _ACCEPTED, _NO_CONTENT = 201, 202, 204
_CHANGE_PROBLEMS = problems(InvalidInput, Forbidden, DependencyUnavailable, DependencyTimeout)


SubscriptionId = Annotated[UUID, Path(description="the subscription's id")]

router = APIRouter(prefix="/subscriptions", tags=["subscriptions"], responses=problems(Forbidden))


@router.get("")
async def read_subscriptions(operator: Operator, service: Subscriptions, page: PageHere) -> Page[Subscription]:
    """List the client's subscriptions, oldest first, without their secrets (operators)."""
    return await service.subscriptions(client_id=operator.client_id, page=page)


@router.post("", status_code=_CREATED, responses=_CHANGE_PROBLEMS)
async def create_subscription(
    settings: SubscriptionSettings, operator: Operator, service: Subscriptions, response: Response
) -> SecretShown:
    """Have events sent to a URL from now on; the secret they are signed with is shown this once (operators)."""
    made = await service.create(settings, client_id=operator.client_id, author=operator.name or operator.subject)
    response.headers["Location"] = f"/subscriptions/{made.details.id}"
    return _shown_once(made, response)


@router.get("/{subscription_id}", responses=problems(NotFound))
async def read_subscription(
    subscription_id: SubscriptionId, operator: Operator, service: Subscriptions, response: Response
) -> Subscription:
    """Return a subscription, without its secret; its ETag is what If-Match takes (operators)."""
    return _tagged(await service.subscription(subscription_id, client_id=operator.client_id), response)


@router.put("/{subscription_id}", responses={**_CHANGE_PROBLEMS, **problems(NotFound, Conflict)})
async def change_subscription(
    subscription_id: SubscriptionId,
    settings: SubscriptionSettings,
    operator: Operator,
    *,
    service: Subscriptions,
    expected: ExpectedVersion,
    response: Response,
) -> Subscription:
    """Change a subscription, or switch it on again; with If-Match only the version that was read (operators)."""
    changed = await service.change(subscription_id, settings, client_id=operator.client_id, expected=expected)
    return _tagged(changed, response)


@router.delete("/{subscription_id}", status_code=_NO_CONTENT, responses=problems(NotFound, Conflict))
async def delete_subscription(
    subscription_id: SubscriptionId, operator: Operator, service: Subscriptions, expected: ExpectedVersion
) -> None:
    """Delete a subscription; what waits for it fails (operators)."""
    await service.delete(subscription_id, client_id=operator.client_id, expected=expected)


@router.post("/{subscription_id}/rotate", responses=problems(NotFound))
async def rotate_secret(
    subscription_id: SubscriptionId, operator: Operator, service: Subscriptions, response: Response
) -> SecretShown:
    """Return a new secret, shown this once; the one before is used beside it for a while (operators)."""
    return _shown_once(await service.rotate(subscription_id, client_id=operator.client_id), response)


@router.get("/{subscription_id}/deliveries", responses=problems(NotFound))
async def read_subscription_deliveries(
    subscription_id: SubscriptionId,
    operator: Operator,
    *,
    service: Subscriptions,
    deliveries: Deliveries,
    page: PageHere,
    state: Annotated[DeliveryState | None, Query(description="Only those in this state")] = None,
    event_id: Annotated[str | None, Query(description="Only that of this event")] = None,
) -> Page[Delivery]:
    """List what was, or is to be, sent in the last 30 days, newest first (operators)."""
    await service.subscription(subscription_id, client_id=operator.client_id)
    return await deliveries.page(
        client_id=operator.client_id,
        purpose=Purpose.WEBHOOK,
        target_id=subscription_id,
        state=state,
        message_id=event_id,
        page=page,
    )


@router.get("/{subscription_id}/deliveries/{delivery_id}", responses=problems(NotFound))
async def read_subscription_delivery(
    subscription_id: SubscriptionId, delivery_id: DeliveryId, operator: Operator, deliveries: Deliveries
) -> DeliveryWithContent:
    """Return a delivery and the event it brings (operators)."""
    return await deliveries.delivery(
        delivery_id, client_id=operator.client_id, purpose=Purpose.WEBHOOK, target_id=subscription_id
    )


@router.post(
    "/{subscription_id}/deliveries/{delivery_id}/redeliver",
    status_code=_ACCEPTED,
    responses=problems(NotFound, Conflict),
)
async def redeliver_event(
    subscription_id: SubscriptionId, delivery_id: DeliveryId, operator: Operator, deliveries: Deliveries
) -> Delivery:
    """Have an event sent anew, under the same id, with all its attempts (operators)."""
    return await deliveries.again(
        delivery_id, client_id=operator.client_id, purpose=Purpose.WEBHOOK, target_id=subscription_id
    )


def _shown_once(shown: SecretShown, response: Response) -> SecretShown:
    response.headers["Cache-Control"] = "no-store"
    _tagged(shown.details, response)
    return shown


def _tagged(subscription: Subscription, response: Response) -> Subscription:
    response.headers["ETag"] = f'"{subscription.version}"'
    return subscription
