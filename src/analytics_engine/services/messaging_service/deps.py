from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from analytics_engine.services.messaging_service.service import MessagingService


def messaging_service(request: Request) -> MessagingService:
    service: MessagingService = request.app.state.messaging
    return service


Messaging = Annotated[MessagingService, Depends(messaging_service)]
