"""Connector profiles: made, read, changed and deleted, each client its own."""

from __future__ import annotations

from typing import Any

import asyncpg
import httpx
import pytest

from analytics_engine.contracts.services import Service
from analytics_engine.kernel.security.principal import Role
from support.servers import TestDatabase
from support.services import internal_headers

ORDERS: dict[str, Any] = {"name": "Orders", "kind": "file", "options": {"path": "orders.csv", "format": "csv"}}
SHOP: dict[str, Any] = {
    "name": "Shop",
    "kind": "postgres",
    "options": {"host": "db.example.com", "database": "shop", "user": "reader"},
    "secret_refs": {"password": "file:shop"},
}


def asks(role: Role = Role.CONSULTANT, client_id: str = "acme") -> dict[str, str]:
    return internal_headers(Service.CONNECTOR, client_id, role)


async def made(connector: httpx.AsyncClient, settings: dict[str, Any]) -> dict[str, Any]:
    answer = await connector.post("/profiles", json=settings)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_profile_is_kept_with_the_defaults_of_its_kind(connector: httpx.AsyncClient) -> None:
    """What was posted is read back by its id, with version 1 as ETag."""
    answer = await connector.post("/profiles", json=SHOP)
    profile = answer.json()
    read = await connector.get(answer.headers["Location"])

    assert profile["options"] == {**SHOP["options"], "port": 5432, "tls": "prefer"}
    assert (profile["version"], profile["created_by"]) == (1, "Tester")
    assert read.json() == profile
    assert read.headers["ETag"] == '"1"'


async def test_the_same_profile_again_is_the_one_there_is(connector: httpx.AsyncClient) -> None:
    """A repeated request finds the profile; another one under its name is refused."""
    first = await made(connector, ORDERS)

    again = await connector.post("/profiles", json=ORDERS)
    other = await connector.post("/profiles", json={**SHOP, "name": "Orders"})

    assert (again.status_code, again.json()) == (200, first)
    assert other.status_code == 409
    assert other.json()["type"].endswith(":conflict")


async def test_profiles_are_listed_by_page_and_kind(connector: httpx.AsyncClient) -> None:
    """The list is ordered by name, can be paged and filtered, and counts the whole."""
    for name in ("c", "a", "b"):
        await made(connector, {**ORDERS, "name": name})
    await made(connector, SHOP)

    page = (await connector.get("/profiles", params={"limit": 2, "offset": 1})).json()
    databases = (await connector.get("/profiles", params={"kind": "postgres"})).json()

    assert [item["name"] for item in page["items"]] == ["a", "b"]
    assert page["total"] == 4
    assert [item["name"] for item in databases["items"]] == ["Shop"]


async def test_a_change_is_made_to_the_version_that_was_read(connector: httpx.AsyncClient) -> None:
    """If-Match with the present version changes it and gives the next; with a past one it is refused."""
    profile = await made(connector, ORDERS)
    path = f"/profiles/{profile['id']}"
    wanted = {**ORDERS, "options": {"path": "orders.parquet", "format": "parquet"}}

    changed = await connector.put(path, json=wanted, headers={"If-Match": '"1"'})
    late = await connector.put(path, json={**ORDERS, "name": "Late"}, headers={"If-Match": '"1"'})
    same = await connector.put(path, json=wanted)
    broken = await connector.put(path, json=wanted, headers={"If-Match": "x"})

    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert (late.status_code, late.json()["present_version"]) == (409, 2)
    assert (same.status_code, same.json()["version"]) == (200, 2)
    assert broken.status_code == 422


async def test_a_profile_cannot_take_another_ones_name(connector: httpx.AsyncClient) -> None:
    """Names are unique in a client."""
    await made(connector, ORDERS)
    shop = await made(connector, SHOP)

    answer = await connector.put(f"/profiles/{shop['id']}", json={**SHOP, "name": "Orders"})

    assert answer.status_code == 409


async def test_a_deleted_profile_is_gone(connector: httpx.AsyncClient) -> None:
    """Deleting takes the version that was read; afterwards there is none."""
    profile = await made(connector, ORDERS)
    path = f"/profiles/{profile['id']}"

    assert (await connector.delete(path, headers={"If-Match": '"7"'})).status_code == 409
    assert (await connector.delete(path, headers={"If-Match": '"1"'})).status_code == 204
    assert (await connector.get(path)).status_code == 404
    assert (await connector.delete(path)).status_code == 404


async def test_another_clients_profiles_look_as_if_there_were_none(connector: httpx.AsyncClient) -> None:
    """A profile is neither listed, read, changed, deleted nor looked into by another client, not by its admin."""
    profile = await made(connector, ORDERS)
    path = f"/profiles/{profile['id']}"
    stranger = asks(Role.ADMIN, "another")

    assert (await connector.get("/profiles", headers=stranger)).json()["total"] == 0
    assert (await connector.get(path, headers=stranger)).status_code == 404
    assert (await connector.put(path, json=ORDERS, headers=stranger)).status_code == 404
    assert (await connector.delete(path, headers=stranger)).status_code == 404
    assert (await connector.post(f"{path}/test", headers=stranger)).status_code == 404
    assert (await connector.post("/profiles", json=ORDERS, headers=stranger)).status_code == 201


async def test_viewers_read_and_do_not_change(connector: httpx.AsyncClient) -> None:
    """Making, changing and looking into sources takes a consultant."""
    profile = await made(connector, ORDERS)
    path, viewer = f"/profiles/{profile['id']}", asks(Role.VIEWER)

    assert (await connector.get(path, headers=viewer)).status_code == 200
    assert (await connector.post("/profiles", json=SHOP, headers=viewer)).status_code == 403
    assert (await connector.put(path, json=ORDERS, headers=viewer)).status_code == 403
    assert (await connector.delete(path, headers=viewer)).status_code == 403
    assert (await connector.get(f"{path}/preview", headers=viewer)).status_code == 403


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"options": {"path": "a.csv"}}, "options.format: Field required"),
        ({"options": {"path": "a.xls", "format": "xls"}}, "options.format: Input should be 'csv', 'parquet' or 'json'"),
        ({**SHOP, "options": {**SHOP["options"], "password": "s3cret"}}, "options.password: Extra inputs"),
        ({**SHOP, "options": {**SHOP["options"], "host": "a b"}}, "options.host: String should match"),
        ({**SHOP, "secret_refs": {}}, "secret_refs.password: a profile of kind postgres needs it"),
        ({"secret_refs": {"password": "file:x"}}, "secret_refs.password: a profile of kind file has no such secret"),
        ({**SHOP, "secret_refs": {"password": "s3cret"}}, "A secret is written as a reference, never as itself"),
        ({**SHOP, "secret_refs": {"password": "env:SECRET_KEY"}}, "env:SECRET_KEY is not a secret of this client's"),
        ({**SHOP, "secret_refs": {"password": "env:CONNECTOR_OTHER__DB"}}, "env:CONNECTOR_OTHER__DB is not a secret"),
        ({**SHOP, "secret_refs": {"password": "file:../another/db"}}, "is outside this client's folder of secrets"),
        ({**SHOP, "secret_refs": {"password": "file:/etc/passwd"}}, "is outside this client's folder of secrets"),
    ],
)
async def test_a_wrong_profile_is_refused_with_place_and_reason(
    connector: httpx.AsyncClient, change: dict[str, Any], detail: str
) -> None:
    """Options are checked against their kind; secrets are references that this client may use, and are not echoed."""
    answer = await connector.post("/profiles", json={**ORDERS, **change})

    assert answer.status_code == 422
    assert detail in answer.json()["detail"]
    assert answer.json()["remedy"]
    assert "s3cret" not in answer.json()["detail"]


async def test_kinds_describe_their_options(connector: httpx.AsyncClient) -> None:
    """Each kind has a JSON schema, from which a form can be made, and names its secrets."""
    kinds = {kind["kind"]: kind for kind in (await connector.get("/kinds")).json()}

    assert set(kinds) == {"file", "postgres"}
    assert kinds["postgres"]["options_schema"]["required"] == ["host", "database", "user"]
    assert kinds["postgres"]["secrets"] == ["password"]
    assert kinds["file"]["secrets"] == []


@pytest.mark.parametrize("path", ["/kinds", "/profiles"])
async def test_nobody_is_answered_without_a_token(connector: httpx.AsyncClient, path: str) -> None:
    """Every route asks who it is."""
    assert (await connector.get(path, headers={"Authorization": ""})).status_code == 401


async def test_the_service_logs_in_with_its_own_rights_only(database: TestDatabase) -> None:
    """Its role sees no profile without saying whose, and no other schema's tables."""
    connection = await asyncpg.connect(database.service_url(Service.CONNECTOR))
    try:
        await connection.execute("SELECT set_config('app.client_id', 'acme', false)")
        await connection.execute(
            "INSERT INTO connect.connector_profiles (id, client_id, name, kind, created_by)"
            " VALUES (gen_random_uuid(), 'acme', 'mine', 'file', 'me')"
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(
                "INSERT INTO connect.connector_profiles (id, client_id, name, kind, created_by)"
                " VALUES (gen_random_uuid(), 'another', 'theirs', 'file', 'me')"
            )
        await connection.execute("SELECT set_config('app.client_id', '', false)")
        assert await connection.fetchval("SELECT count(*) FROM connect.connector_profiles") == 0
        for table in ("access.users", "messaging.outbox", "messaging.relay", "config.clients", "kpi.kpi_data"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"SELECT * FROM {table}")
    finally:
        await connection.close()


async def test_the_operations_guides_statements_work(empty_database: TestDatabase) -> None:
    """The tables are found by the names the guide uses, without a schema, by whoever connects."""
    from concurrent.futures import ThreadPoolExecutor

    from analytics_engine.bootstrap.migrations import migrate

    with ThreadPoolExecutor(1) as pool:
        pool.submit(migrate, empty_database.owner_url, role_secrets_dir=empty_database.role_secrets).result()
    connection = await asyncpg.connect(empty_database.owner_url)
    try:
        await connection.execute("CREATE INDEX idx_connector_profiles_created_at ON connector_profiles(created_at)")
        assert await connection.fetchval("SELECT pg_total_relation_size('connector_profiles')") > 0
        assert await connection.fetchval("SELECT count(*) FROM kpi_data") == 0
    finally:
        await connection.close()
