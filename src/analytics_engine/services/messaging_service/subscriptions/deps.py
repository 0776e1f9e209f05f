from __future__ import annotations

from typing import Annotated

from analytics_engine.kernel.http.built import built
from analytics_engine.services.messaging_service.subscriptions.service import SubscriptionService

Subscriptions = Annotated[SubscriptionService, built("subscriptions")]
