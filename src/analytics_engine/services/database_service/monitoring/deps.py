from __future__ import annotations

from typing import Annotated

from analytics_engine.kernel.http.built import built
from analytics_engine.services.database_service.monitoring.activity import Activity
from analytics_engine.services.database_service.monitoring.connections import Connections
from analytics_engine.services.database_service.monitoring.statements import Statements
from analytics_engine.services.database_service.monitoring.storage import Storage

ActivityHere = Annotated[Activity, built("activity")]
StatementsHere = Annotated[Statements, built("statements")]
ConnectionsHere = Annotated[Connections, built("connections")]
StorageHere = Annotated[Storage, built("storage")]
