"""How Alembic connects: on the connection it is handed, else on one of its own to DATABASE_URL. One runs at a time."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection

from analytics_engine.adapters.postgres.schema_owner import schema_owner
from analytics_engine.bootstrap.settings import load_settings


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()


async def migrate_alone() -> None:
    async with schema_owner(load_settings().need_database_url()) as connection:
        await connection.run_sync(migrate)


def print_sql() -> None:
    """Write the statements to standard output (``alembic upgrade head --sql``)."""
    context.configure(dialect_name="postgresql", literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


handed = context.config.attributes.get("connection")
if context.is_offline_mode():
    print_sql()
elif handed is not None:
    migrate(handed)
else:
    asyncio.run(migrate_alone())
