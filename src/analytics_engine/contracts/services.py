"""The seven services by name, with the ports of the operations guide."""

from __future__ import annotations

from enum import StrEnum


class Service(StrEnum):
    DATABASE = "database_service"
    MESSAGING = "messaging_service"
    METADATA = "business_metadata"
    CALCULATION = "calculation_engine_service"
    DEMO_CONFIG = "demo_config_service"
    CONNECTOR = "connector_service"
    GATEWAY = "api_gateway"


PORTS: dict[Service, int] = {
    Service.DATABASE: 8000,
    Service.MESSAGING: 8001,
    Service.METADATA: 8020,
    Service.CALCULATION: 8021,
    Service.DEMO_CONFIG: 8022,
    Service.CONNECTOR: 8023,
    Service.GATEWAY: 8090,
}

UI_PORT = 3000
"""Where the web application is served, beside the gateway's own port."""

TITLES: dict[Service, str] = {
    Service.DATABASE: "Database service",
    Service.MESSAGING: "Messaging service",
    Service.METADATA: "Business metadata",
    Service.CALCULATION: "Calculation engine",
    Service.DEMO_CONFIG: "Demo configuration",
    Service.CONNECTOR: "Connectors",
    Service.GATEWAY: "API gateway",
}
