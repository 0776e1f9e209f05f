"""Looking into sources: real files and a real PostgreSQL, and what connectors must not reach."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support.servers import TestDatabase

CSV = 'id,price,sold,at,note\n1,2.5,true,2026-01-02T03:04:05Z,"two\nlines"\n2,3,false,2026-01-03T00:00:00Z,\n'


async def profile(connector: httpx.AsyncClient, kind: str, secret: str = "", **options: Any) -> str:
    body = {"name": "source", "kind": kind, "options": options}
    if secret:
        body["secret_refs"] = {"password": secret}
    answer = await connector.post("/profiles", json=body)
    assert answer.status_code == 201, answer.text
    return f"/profiles/{answer.json()['id']}"


def database_options(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "host": parts.hostname,
        "port": parts.port,
        "database": parts.path.removeprefix("/"),
        "user": unquote(parts.username or ""),
    }


@pytest.fixture
async def shop(database: TestDatabase, secrets: Path) -> dict[str, Any]:
    """A database of the client's, and its password where the profile refers to."""
    connection = await asyncpg.connect(database.owner_url)
    await connection.execute(
        """
        CREATE SCHEMA "Sales dept";
        CREATE TABLE "Sales dept"."order""s" (
            id bigint PRIMARY KEY, total numeric(12, 2), placed_at timestamptz, tags text[], extra jsonb
        );
        INSERT INTO "Sales dept"."order""s"
        SELECT n * 10000000000000000, n + 0.10, '2026-01-01Z', '{a,b}', '{"k": 1}' FROM generate_series(1, 50) AS n;
        """
    )
    await connection.close()
    (secrets / "shop").write_text(unquote(urlsplit(database.owner_url).password or "") + "\n")
    return database_options(database.owner_url)


async def test_a_csv_file_is_read(connector: httpx.AsyncClient, files: Path) -> None:
    """Test, schema and preview of a CSV file with quoted line breaks and empty fields."""
    (files / "sales.csv").write_text(CSV)
    path = await profile(connector, "file", path="sales.csv", format="csv")

    trial = (await connector.post(f"{path}/test")).json()
    (table,) = (await connector.get(f"{path}/schema")).json()
    preview = (await connector.get(f"{path}/preview", params={"limit": 1})).json()

    assert (trial["works"], trial["detail"]) == (True, "sales.csv was read: csv, 5 columns.")
    assert [(column["name"], column["type"]) for column in table["columns"]] == [
        ("id", "integer"),
        ("price", "float"),
        ("sold", "boolean"),
        ("at", "timestamp"),
        ("note", "text"),
    ]
    assert preview["columns"] == ["id", "price", "sold", "at", "note"]
    assert preview["rows"] == [[1, 2.5, True, "2026-01-02T03:04:05+00:00", "two\nlines"]]


async def test_a_parquet_file_is_read(connector: httpx.AsyncClient, files: Path) -> None:
    """Integers beyond JSON's precision and decimals come as text, so that no digit is lost."""
    from decimal import Decimal

    big = 2**60
    pq.write_table(pa.table({"id": [big, 2], "price": [Decimal("0.10"), None]}), files / "sales.parquet")
    path = await profile(connector, "file", path="sales.parquet", format="parquet")

    (table,) = (await connector.get(f"{path}/schema")).json()
    preview = (await connector.get(f"{path}/preview")).json()

    assert [column["type"] for column in table["columns"]] == ["integer", "decimal"]
    assert preview["rows"] == [[str(big), "0.10"], [2, None]]


@pytest.mark.parametrize("content", ['{"a": 1}\n{"a": 2}\n', json.dumps([{"a": 1}, {"a": 2}])])
async def test_a_json_file_is_read(connector: httpx.AsyncClient, files: Path, content: str) -> None:
    """One object a line and an array of objects are the same."""
    (files / "sales.json").write_text(content)
    path = await profile(connector, "file", path="sales.json", format="json")

    assert (await connector.get(f"{path}/preview")).json()["rows"] == [[1], [2]]


@pytest.mark.parametrize(
    ("name", "file_format", "status", "detail"),
    [
        ("missing.csv", "csv", 404, "There is no file 'missing.csv' in this client's folder."),
        ("../another/theirs.csv", "csv", 422, "'../another/theirs.csv' is outside the folder"),
        ("/etc/passwd", "csv", 422, "'/etc/passwd' is outside the folder"),
        ("link.csv", "csv", 422, "'link.csv' is outside the folder"),
        ("broken.csv", "csv", 422, "broken.csv cannot be read as csv: CSV parse error"),
        ("empty.csv", "csv", 422, "empty.csv cannot be read as csv: Empty CSV file"),
        ("noise.bin", "parquet", 422, "noise.bin cannot be read as parquet:"),
        ("noise.bin", "json", 422, "noise.bin cannot be read as json:"),
        ("numbers.json", "json", 422, "numbers.json cannot be read as json: it is an array, but not of objects"),
    ],
)
async def test_a_file_that_cannot_be_read_says_why(
    connector: httpx.AsyncClient, files: Path, *, name: str, file_format: str, status: int, detail: str
) -> None:
    """The test tells cause and remedy; the preview fails with the same as an error."""
    (files.parent / "another").mkdir()
    (files.parent / "another" / "theirs.csv").write_text("secret\n1\n")
    (files / "link.csv").symlink_to(files.parent / "another" / "theirs.csv")
    (files / "broken.csv").write_text("a,b\n1,2\n3\n")
    (files / "empty.csv").write_text("")
    (files / "noise.bin").write_bytes(gzip.compress(b"noise"))
    (files / "numbers.json").write_text("[1, 2]")
    path = await profile(connector, "file", path=name, format=file_format)

    trial = await connector.post(f"{path}/test")
    preview = await connector.get(f"{path}/preview")

    assert (trial.status_code, trial.json()["works"]) == (200, False)
    assert detail in trial.json()["detail"]
    assert trial.json()["remedy"]
    assert (preview.status_code, preview.json()["detail"]) == (status, trial.json()["detail"])


async def test_a_database_is_looked_into(connector: httpx.AsyncClient, shop: dict[str, Any]) -> None:
    """Test, schema and preview of a PostgreSQL table whose names need quoting."""
    path = await profile(connector, "postgres", "file:shop", **shop)

    trial = (await connector.post(f"{path}/test")).json()
    tables = {table["name"]: table for table in (await connector.get(f"{path}/schema")).json()}
    name = 'Sales dept.order"s'
    preview = (await connector.get(f"{path}/preview", params={"table": name, "limit": 1})).json()

    assert trial["works"], trial
    assert trial["detail"].startswith("PostgreSQL ")
    assert [(column["name"], column["type"]) for column in tables[name]["columns"]] == [
        ("id", "integer"),
        ("total", "decimal"),
        ("placed_at", "timestamp"),
        ("tags", ""),
        ("extra", ""),
    ]
    assert preview["rows"] == [["10000000000000000", "1.10", "2026-01-01T00:00:00+00:00", ["a", "b"], '{"k": 1}']]


async def test_a_table_must_be_named_and_be_there(connector: httpx.AsyncClient, shop: dict[str, Any]) -> None:
    """A database's preview says which table it misses; what looks like SQL is only a name."""
    path = await profile(connector, "postgres", "file:shop", **shop)

    unnamed = await connector.get(f"{path}/preview")
    missing = await connector.get(f"{path}/preview", params={"table": 'x"; DROP TABLE y; --'})

    assert (unnamed.status_code, missing.status_code) == (422, 404)
    assert "/schema" in missing.json()["remedy"]


@pytest.mark.parametrize(
    ("change", "secret", "detail"),
    [
        ({"port": 1}, "file:shop", "cannot be used"),
        ({"host": "no-such-host.invalid"}, "file:shop", "There is no host no-such-host.invalid"),
        ({"database": "no_such_database"}, "file:shop", 'database "no_such_database" does not exist'),
        ({}, "file:wrong", "password authentication failed"),
        ({}, "file:absent", "The secret file absent cannot be read"),
        ({}, "env:CONNECTOR_ACME__NOT_SET", "The variable CONNECTOR_ACME__NOT_SET is not set"),
        ({"host": "169.254.169.254"}, "file:shop", "which connectors may not use"),
        ({"host": "0.0.0.0"}, "file:shop", "which connectors may not use"),
        ({"host": "::ffff:169.254.169.254"}, "file:shop", "which connectors may not use"),
        ({"host": "fe80::1"}, "file:shop", "which connectors may not use"),
    ],
)
async def test_a_database_that_cannot_be_used_says_why(
    connector: httpx.AsyncClient,
    shop: dict[str, Any],
    secrets: Path,
    *,
    change: dict[str, Any],
    secret: str,
    detail: str,
) -> None:
    """The test answers with cause and remedy, and never with the password."""
    (secrets / "wrong").write_text("not-the-password")
    path = await profile(connector, "postgres", secret, **{**shop, **change})

    answer = await connector.post(f"{path}/test")

    assert (answer.status_code, answer.json()["works"]) == (200, False)
    assert detail in answer.json()["detail"]
    assert answer.json()["remedy"]
    assert "not-the-password" not in answer.text


async def test_a_secret_may_be_a_variable(
    connector: httpx.AsyncClient, shop: dict[str, Any], secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that begins with the client's prefix is taken."""
    monkeypatch.setenv("CONNECTOR_ACME__SHOP", (secrets / "shop").read_text().strip())
    path = await profile(connector, "postgres", "env:CONNECTOR_ACME__SHOP", **shop)

    assert (await connector.post(f"{path}/test")).json()["works"]


async def test_a_connector_cannot_write(
    connector: httpx.AsyncClient, database: TestDatabase, shop: dict[str, Any]
) -> None:
    """Its session is read only, whatever its user may do: a view that writes fails when it is looked at."""
    owner = await asyncpg.connect(database.owner_url)
    await owner.execute(
        """
        CREATE TABLE public.written (n int);
        CREATE FUNCTION public.write() RETURNS int LANGUAGE sql AS 'INSERT INTO public.written VALUES (1) RETURNING n';
        CREATE VIEW public.sly AS SELECT public.write();
        """
    )
    path = await profile(connector, "postgres", "file:shop", **shop)

    answer = await connector.get(f"{path}/preview", params={"table": "public.sly"})

    assert answer.status_code == 503
    assert "read-only transaction" in answer.json()["detail"]
    assert await owner.fetchval("SELECT count(*) FROM public.written") == 0
    await owner.close()
