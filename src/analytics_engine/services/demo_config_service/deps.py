from __future__ import annotations

from typing import Annotated

from analytics_engine.contracts.metadata import MetadataApi
from analytics_engine.kernel.http.built import built
from analytics_engine.services.demo_config_service.samples import SampleLoads
from analytics_engine.services.demo_config_service.service import ClientService

Clients = Annotated[ClientService, built("clients")]
Metadata = Annotated[MetadataApi, built("metadata")]
Loads = Annotated[SampleLoads, built("sample_loads")]
