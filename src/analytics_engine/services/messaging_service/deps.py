from __future__ import annotations

from typing import Annotated

from analytics_engine.kernel.http.built import built
from analytics_engine.services.messaging_service.service import MessagingService

Messaging = Annotated[MessagingService, built("messaging")]
