from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from pydantic import SecretStr

from analytics_engine.bootstrap.business_metadata import build
from analytics_engine.bootstrap.settings import Settings
from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Role
from analytics_engine.kpi.model.catalog import Catalog
from support.services import asgi_client
from support.waiting import eventually

from .conftest import CATALOG, asks, imported

SettingsFor = Callable[..., Settings]


async def test_the_shipped_catalog_is_there_after_the_start(metadata: httpx.AsyncClient) -> None:
    """Every definition of the folder is imported once, at version 1, for all clients."""
    stats = (await metadata.get("/stats", headers=asks())).json()
    assert (stats["value_chains"], stats["modules"], stats["object_models"]) == (7, 22, 44)
    assert stats["kpis"] == sum(stats["kpis_by_module"].values()) == stats["kpis_by_status"]["certified"]
    assert stats["own_definitions"] == 0
    catalog = Catalog.model_validate((await metadata.get("/catalog", headers=asks())).json())
    assert {kpi.version for kpi in catalog.kpis} == {1}


async def test_the_catalogs_etag_changes_with_any_edit_of_the_client_alone(metadata: httpx.AsyncClient) -> None:
    """A known catalog is 304; after an edit it is sent again; another client's catalog stays as it was."""
    first = await metadata.get("/catalog", headers=asks())
    etag = first.headers["etag"]
    assert etag == f'"{first.json()["version"]}"'
    known = await metadata.get("/catalog", headers=asks() | {"If-None-Match": etag})
    assert (known.status_code, known.content) == (304, b"")
    chain = {"code": "CARGO", "name": "Cargo"}
    await metadata.post("/value-chains", json=chain, headers=asks())
    after = await metadata.get("/catalog", headers=asks() | {"If-None-Match": etag})
    assert after.status_code == 200
    assert after.headers["etag"] != etag
    assert "CARGO" in [chain["code"] for chain in after.json()["value_chains"]]
    other = await metadata.get("/catalog", headers=asks(client_id="globex") | {"If-None-Match": etag})
    assert other.status_code == 304


async def test_a_second_start_imports_nothing_again(settings_for: SettingsFor) -> None:
    """The same folder at the next start makes no new version and leaves the catalog's version as it was."""
    etags = []
    for _ in range(2):
        async with asgi_client(build(settings_for(Service.METADATA))) as client:
            await imported(client)
            etags.append((await client.get("/catalog", headers=asks())).headers["etag"])
            versions = (await client.get("/kpis/FL_FLIGHTS/versions", headers=asks())).json()
            assert [version["version"] for version in versions] == [1]
    assert etags[0] == etags[1]


async def test_two_replicas_that_start_at_once_import_once(settings_for: SettingsFor) -> None:
    """Both wait their turn; the second finds everything there."""
    settings = settings_for(Service.METADATA)
    async with asgi_client(build(settings)) as one, asgi_client(build(settings)) as two:
        await imported(one)
        await imported(two)
        versions = (await two.get("/kpis/FL_FLIGHTS/versions", headers=asks())).json()
    assert [version["version"] for version in versions] == [1]


async def test_a_changed_folder_follows_except_where_a_person_edited(settings_for: SettingsFor, tmp_path: Path) -> None:
    """A later release's definitions arrive; the one an administrator had edited is left as edited."""
    folder = tmp_path / "catalog"
    shutil.copytree(CATALOG, folder)
    settings = settings_for(Service.METADATA, ae_catalog_dir=folder)
    async with asgi_client(build(settings)) as client:
        await imported(client)
        body = (await client.get("/kpis/FL_FLIGHTS", headers=asks())).json()["definition"]
        edited = body | {"name": "Edited by hand"}
        await client.put("/kpis/FL_FLIGHTS?scope=global", json=edited, headers=asks(Role.ADMIN))
    traffic = folder / "kpis" / "traffic.yaml"
    text = traffic.read_text("utf-8").replace("name: Flights\n", "name: Flights (new)\n")
    traffic.write_text(text.replace("name: Cancelled flights\n", "name: Cancellations\n"), "utf-8")
    async with asgi_client(build(settings)) as client:
        await imported(client)
        names = [
            (await client.get(f"/kpis/{code}", headers=asks())).json()["definition"]["name"]
            for code in ("FL_FLIGHTS", "FL_CANCELLED")
        ]
    assert names == ["Edited by hand", "Cancellations"]


async def test_a_broken_file_is_named_by_health_and_imported_once_it_is_right(
    settings_for: SettingsFor, tmp_path: Path
) -> None:
    """The service runs degraded and says file, line and column; after the correction it converges by itself."""
    folder = tmp_path / "catalog"
    shutil.copytree(CATALOG, folder)
    wrong = folder / "modules" / "flights.yaml"
    right = wrong.read_text("utf-8")
    wrong.write_text(right.replace("name: Traffic\n", "nmae: Traffic\n"), "utf-8")
    async with asgi_client(build(settings_for(Service.METADATA, ae_catalog_dir=folder))) as client:

        async def reason() -> str:
            report = (await client.get("/health")).json()["dependencies"]["shipped_catalog"]
            return str(report["detail"]) if "line" in report["detail"] else ""

        assert "modules/flights.yaml, line 2, column 5: modules[0].name" in await eventually(reason)
        health = await client.get("/health")
        assert (health.status_code, health.json()["status"]) == (200, "degraded")
        wrong.write_text(right, "utf-8")
        await imported(client)

        async def is_healthy() -> bool:
            return bool((await client.get("/health")).json()["status"] == "healthy")

        assert await eventually(is_healthy)


BUNDLE = """\
value_chains:
  - code: CARGO
    name: Cargo
modules:
  - code: FREIGHT
    name: Freight
    value_chains: [CARGO]
kpis:
  - code: FR_MILES
    name: Freight miles
    module: FREIGHT
    formula: sum(flight.distance)
    direction: higher
  - code: FR_SHARE
    name: Freight share
    module: FREIGHT
    formula: FR_MILES / FL_DISTANCE
    direction: higher
"""


async def imports(client: httpx.AsyncClient, text: str, *, dry_run: bool = False) -> dict[str, Any]:
    answer = await client.post(
        f"/import?dry_run={str(dry_run).lower()}",
        content=text,
        headers=asks() | {"Content-Type": "application/yaml"},
    )
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


async def test_an_import_is_whole_and_idempotent(metadata: httpx.AsyncClient) -> None:
    """A dry run tells and does nothing; the import does it; again, everything is unchanged."""
    before = (await metadata.get("/catalog", headers=asks())).headers["etag"]
    dry = await imports(metadata, BUNDLE, dry_run=True)
    assert [outcome["code"] for outcome in dry["created"]] == ["CARGO", "FREIGHT", "FR_MILES", "FR_SHARE"]
    assert (await metadata.get("/catalog", headers=asks())).headers["etag"] == before
    first = await imports(metadata, BUNDLE)
    assert len(first["created"]) == 4
    assert (await metadata.get("/catalog", headers=asks())).headers["etag"] == f'"{first["catalog_version"]}"'
    again = await imports(metadata, BUNDLE)
    assert (again["created"], again["changed"], again["unchanged"]) == ([], [], 4)
    assert again["catalog_version"] == first["catalog_version"]
    renamed = await imports(metadata, BUNDLE.replace("Freight miles", "Miles"))
    assert renamed["changed"] == [
        {
            "kind": "kpi",
            "code": "FR_MILES",
            "version": 2,
            "change": [{"place": "name", "before": "Freight miles", "after": "Miles"}],
        }
    ]


@pytest.mark.parametrize(
    ("wrong", "right", "detail"),
    [
        (
            "direction: up\n  - code",
            "direction: higher\n  - code",
            "bundle.yaml, line 13, column 16: kpis[0].direction",
        ),
        ("[CARGOO]", "[CARGO]", "bundle.yaml, line 5, column 5: module FREIGHT: value_chains names the value chain"),
        ("sum(flight.distanc)", "sum(flight.distance)", "bundle.yaml, line 9, column 5: KPI FR_MILES: "),
    ],
)
async def test_a_mistake_in_a_bundle_is_placed_and_nothing_is_kept(
    metadata: httpx.AsyncClient, wrong: str, right: str, detail: str
) -> None:
    """Whether the shape, a reference or a formula is wrong: file, line and column, and no definition is stored."""
    answer = await metadata.post("/import", content=BUNDLE.replace(right, wrong), headers=asks())
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(detail)
    assert (await metadata.get("/value-chains/CARGO", headers=asks())).status_code == 404


async def test_an_export_imports_to_the_same(metadata: httpx.AsyncClient) -> None:
    """YAML and JSON exports hold every definition; importing either changes nothing."""
    await imports(metadata, BUNDLE)
    text = (await metadata.get("/export", headers=asks())).text
    assert len(yaml.safe_load(text)["kpis"]) == (await metadata.get("/stats", headers=asks())).json()["kpis"]
    report = await imports(metadata, text)
    assert (report["created"], report["changed"]) == ([], [])
    own = (await metadata.get("/export?scope=client&format=json", headers=asks())).json()
    assert {section: [item["code"] for item in items] for section, items in own.items()} == {
        "value_chains": ["CARGO"],
        "modules": ["FREIGHT"],
        "kpis": ["FR_MILES", "FR_SHARE"],
    }


async def test_the_tree_hangs_kpis_under_modules_under_value_chains(metadata: httpx.AsyncClient) -> None:
    """A module of two value chains stands in both; each KPI has its unit."""
    tree = (await metadata.get("/tree", headers=asks(Role.VIEWER))).json()
    modules = {chain["code"]: [module["code"] for module in chain["modules"]] for chain in tree["value_chains"]}
    assert modules == {
        "FLIGHT_OPERATIONS": ["FLEET", "PUNCTUALITY", "TRAFFIC", "WEATHER_IMPACT"],
        "NETWORK_AND_FLEET": ["FLEET", "NETWORK"],
        "SUPPLY_CHAIN": ["FULFILMENT", "INVENTORY", "LOGISTICS", "PROCUREMENT"],
        "SALES": ["LEADS", "PIPELINE", "QUOTA", "REVENUE"],
        "CUSTOMER": ["RECURRING_REVENUE", "RETENTION", "SERVICE"],
        "FINANCE": ["CONTROL", "PROFITABILITY", "WORKING_CAPITAL"],
        "WORKFORCE": ["HEADCOUNT", "SAFETY", "TALENT"],
    }
    units = {
        kpi["code"]: kpi["unit"]
        for chain in tree["value_chains"]
        for module in chain["modules"]
        for kpi in module["kpis"]
    }
    assert (units["FL_AVERAGE_SPEED"], units["FL_CANCELLATION_RATE"]) == ("mile/h", "")


async def test_search_finds_by_code_name_and_text_best_first(metadata: httpx.AsyncClient) -> None:
    """An exact code comes first, then names, then descriptions; every word must occur."""

    async def codes(text: str) -> list[str]:
        return [
            hit["code"] for hit in (await metadata.get("/search", params={"q": text}, headers=asks())).json()["items"]
        ]

    assert (await codes("fl_cancelled"))[0] == "FL_CANCELLED"
    assert (await codes("average speed"))[0] == "FL_AVERAGE_SPEED"
    assert "plane" in await codes("manufactured_year")
    assert await codes("no such words anywhere") == []


async def test_the_service_answers_while_the_database_is_away(settings_for: SettingsFor) -> None:
    """Without its database it starts, is unhealthy, names the cause, and answers 503 rather than wrongly."""
    nowhere = SecretStr("postgresql://nobody:x@127.0.0.1:1/none")
    settings = settings_for(Service.METADATA).model_copy(update={"database_url": nowhere})
    async with asgi_client(build(settings)) as client:
        health = await client.get("/health")
        assert (health.status_code, health.json()["dependencies"]["database"]["status"]) == (503, "unhealthy")
        answer = await client.get("/kpis", headers=asks())
        assert answer.status_code == 503
        assert (await client.get("/live")).status_code == 200
