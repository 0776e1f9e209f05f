"""The rights that the doctor looks for are those that migrations grant."""

from __future__ import annotations

import asyncpg
import pytest

from analytics_engine.doctor.looking.database import expected_grants

_HELD = """
SELECT rolname AS login, nspname AS relation, 'USAGE' AS privilege
  FROM pg_roles, pg_namespace
 WHERE rolname = ANY ($1) AND nspname !~ '^(pg_|information_schema$|public$)'
   AND has_schema_privilege(rolname, pg_namespace.oid, 'USAGE')
UNION ALL
SELECT rolname, nspname || '.' || relname, privilege
  FROM pg_roles, pg_class
  JOIN pg_namespace ON pg_namespace.oid = relnamespace, unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) AS privilege
 WHERE rolname = ANY ($1) AND nspname !~ '^(pg_|information_schema$|facts$|rollups$)'
   AND (nspname <> 'public' OR relname = 'alembic_version')
   AND relkind IN ('r', 'p', 'v') AND NOT relispartition
   AND has_table_privilege(rolname, pg_class.oid, privilege)
"""


@pytest.mark.usefixtures("servers")
async def test_the_list_of_rights_is_what_a_migrated_database_has(postgres_url: str) -> None:
    """After a migration that grants something, write doctor/looking/grants.txt anew: login, relation, privileges."""
    expected = set(expected_grants())
    connection = await asyncpg.connect(postgres_url)
    try:
        logins = sorted({login for login, _, _ in expected})
        held = {tuple(row) for row in await connection.fetch(_HELD, logins)}
    finally:
        await connection.close()
    assert expected - held == set()
    assert held - expected == set()
