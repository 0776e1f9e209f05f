"""How Alembic connects: on the connection it is handed, else on one of its own to DATABASE_URL. One runs at a time.

Each migration is a transaction of its own: what it locks it holds for its own time only, and one may leave its
transaction to make an index while others write.
"""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection

from analytics_engine.adapters.postgres.patience import patiently
from analytics_engine.adapters.postgres.schema_owner import schema_owner
from analytics_engine.bootstrap.settings import load_settings

_LOCK_PATIENCE_S = 300.0


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=None, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def migrate_alone() -> None:
    url = load_settings().need_database_url()
    async with schema_owner(url) as connection:
        await patiently(
            connection, lambda: connection.run_sync(migrate), url=url, patience_s=_LOCK_PATIENCE_S, tell=print
        )


def print_sql() -> None:
    """Write the statements to standard output (``alembic upgrade head --sql``)."""
    context.configure(dialect_name="postgresql", literal_binds=True, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


handed = context.config.attributes.get("connection")
if context.is_offline_mode():
    print_sql()
elif handed is not None:
    migrate(handed)
else:
    asyncio.run(migrate_alone())
