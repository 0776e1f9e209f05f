from __future__ import annotations

from typing import Annotated

from analytics_engine.kernel.http.built import built
from analytics_engine.services.messaging_service.notifications.notifying import Notifications
from analytics_engine.services.messaging_service.notifications.service import ChannelService

Channels = Annotated[ChannelService, built("channels")]
Notifying = Annotated[Notifications, built("notifications")]
