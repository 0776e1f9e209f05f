"""The canary's client and its definitions: one row, whose amount is summed once from a rollup and once from the row."""

from __future__ import annotations

from typing import Any

from analytics_engine.contracts.clients import CANARY, ClientSettings

CLIENT = ClientSettings(client_id=CANARY, name="Canary")
KEPT, READ = "CANARY_KEPT", "CANARY_READ"
OBJECT_MODEL = "canary_signal"

BUNDLE: dict[str, list[dict[str, Any]]] = {
    "value_chains": [{"code": "CANARY", "name": "Canary"}],
    "modules": [{"code": "CANARY", "name": "Canary", "value_chains": ["CANARY"]}],
    "object_models": [
        {
            "code": OBJECT_MODEL,
            "name": "Canary signal",
            "description": "One row that is replaced every time, and whose amount must be what the KPIs say.",
            "nature": "event",
            "key": ["signal_id"],
            "time_attribute": "sent_at",
            "attributes": [
                {"name": "signal_id", "type": "integer", "nullable": False},
                {"name": "sent_at", "type": "timestamp", "nullable": False},
                {"name": "amount", "type": "decimal", "nullable": False},
            ],
        }
    ],
    "kpis": [
        {
            "code": KEPT,
            "name": "Canary amount, from its rollup",
            "module": "CANARY",
            "direction": "higher",
            "formula": f"sum({OBJECT_MODEL}.amount)",
        },
        {
            "code": READ,
            "name": "Canary amount, from its row",
            "description": "The rollup does not know the key, so that this is always read from the row.",
            "module": "CANARY",
            "direction": "higher",
            "formula": f"sum({OBJECT_MODEL}.amount) filter (where {OBJECT_MODEL}.signal_id > 0)",
        },
    ],
    "rollups": [
        {"code": "CANARY", "name": "Canary", "object_model": OBJECT_MODEL, "dimensions": [], "kpis": [KEPT]},
    ],
}
