from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path

from analytics_engine.kernel.http.authentication import CurrentPrincipal, require_role
from analytics_engine.kernel.http.built import built
from analytics_engine.kernel.security.principal import Principal, Role
from analytics_engine.services.messaging_service.delivering.service import DeliveryLog


def _operator(principal: CurrentPrincipal) -> Principal:
    require_role(principal, Role.OPERATOR)
    return principal


Operator = Annotated[Principal, Depends(_operator)]
Deliveries = Annotated[DeliveryLog, built("deliveries")]
DeliveryId = Annotated[UUID, Path(description="the delivery's id")]
