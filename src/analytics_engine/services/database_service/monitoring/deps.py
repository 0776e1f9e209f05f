from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from analytics_engine.services.database_service.monitoring.activity import Activity
from analytics_engine.services.database_service.monitoring.connections import Connections
from analytics_engine.services.database_service.monitoring.statements import Statements
from analytics_engine.services.database_service.monitoring.storage import Storage


def activity(request: Request) -> Activity:
    service: Activity = request.app.state.activity
    return service


def statements(request: Request) -> Statements:
    service: Statements = request.app.state.statements
    return service


def connections(request: Request) -> Connections:
    service: Connections = request.app.state.connections
    return service


def storage(request: Request) -> Storage:
    service: Storage = request.app.state.storage
    return service


ActivityHere = Annotated[Activity, Depends(activity)]
StatementsHere = Annotated[Statements, Depends(statements)]
ConnectionsHere = Annotated[Connections, Depends(connections)]
StorageHere = Annotated[Storage, Depends(storage)]
