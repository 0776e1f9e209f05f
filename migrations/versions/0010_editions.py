"""With TimescaleDB's Community licence the last KPI values of an hour and a day are continuous aggregates.

Elsewhere nothing changes: ``kpi.kpi_hourly`` and ``kpi.kpi_daily`` stay views, and show the same. TimescaleDB refuses
continuous aggregates of a table with row-level security. So there the table is ``kpi.kpi_values``, which nobody but its
owner may touch, and ``kpi.kpi_data`` is a view of one client's rows, as are the other two.
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_COLUMNS = (
    "time, client_id, kpi_code, kpi_version, grain, dimensions, period_start, period_end, value, reason, watermark"
)
_SERIES = "client_id, kpi_code, kpi_version, grain, dimensions"
_LAST = "period_start, period_end, value, reason, watermark"
_READERS = "ae_calculation_engine_service, reporting"

# The service that accepts no SQL is believed which client it works for; a report writer is the client of its login.
_CLIENT_OF_SESSION = """
    CREATE FUNCTION kpi.client_of_session() RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $function$
        SELECT CASE session_user
                   WHEN 'ae_calculation_engine_service' THEN current_setting('app.client_id', true)
                   ELSE access.client_of_login()
               END
    $function$
"""

_OF_CLIENT = """
    CREATE VIEW kpi.{view} WITH (security_barrier = true) AS
    SELECT {columns} FROM kpi.{source} WHERE client_id = (SELECT kpi.client_of_session())
"""

_VALUES = (
    "DROP VIEW kpi.kpi_hourly, kpi.kpi_daily",
    "DROP POLICY own_client ON kpi.kpi_data",
    "DROP POLICY own_login ON kpi.kpi_data",
    "ALTER TABLE kpi.kpi_data DISABLE ROW LEVEL SECURITY",
    f"REVOKE ALL ({_COLUMNS}) ON kpi.kpi_data FROM {_READERS}",
    "ALTER TABLE kpi.kpi_data RENAME TO kpi_values",
    _CLIENT_OF_SESSION,
    "REVOKE ALL ON FUNCTION kpi.client_of_session() FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION kpi.client_of_session() TO {_READERS}",
    _OF_CLIENT.format(view="kpi_data", columns=_COLUMNS, source="kpi_values") + "WITH CASCADED CHECK OPTION",
    f"GRANT SELECT ON kpi.kpi_data TO {_READERS}",
    "GRANT INSERT ON kpi.kpi_data TO ae_calculation_engine_service",
)

# All ``last`` of a row are of the same moment; a null, with its reason, is a value like others. What is not yet kept is
# found when it is asked for. A refresh begins with the first change, however old it is.
_LAST_OF_BUCKET = """
    CREATE MATERIALIZED VIEW kpi.{name}_values WITH (
        timescaledb.continuous, timescaledb.materialized_only = false, timescaledb.create_group_indexes = false
    ) AS
    SELECT time_bucket(interval '{bucket}', time) AS bucket, {series}, {last}, max(time) AS time
      FROM kpi.kpi_values
     GROUP BY 1, {series}
      WITH NO DATA
"""
_REFRESHED = """
    SELECT add_continuous_aggregate_policy(
        'kpi.{name}_values',
        start_offset => NULL, end_offset => interval '{bucket}', schedule_interval => interval '{every}'
    )
"""


def _aggregate(name: str, *, bucket: str, every: str) -> tuple[str, ...]:
    last = ", ".join(f"last({column}, time) AS {column}" for column in _LAST.split(", "))
    return (
        _LAST_OF_BUCKET.format(name=name, bucket=bucket, series=_SERIES, last=last),
        f"CREATE INDEX ON kpi.{name}_values (client_id, kpi_code, grain, bucket DESC)",
        _REFRESHED.format(name=name, bucket=bucket, every=every),
        _OF_CLIENT.format(view=f"kpi_{name}", columns=f"bucket, {_SERIES}, {_LAST}, time", source=f"{name}_values"),
        f"GRANT SELECT ON kpi.kpi_{name} TO {_READERS}",
    )


_AGGREGATES = (
    *_aggregate("hourly", bucket="1 hour", every="15 minutes"),
    *_aggregate("daily", bucket="1 day", every="1 hour"),
)

# As 0006 makes them.
_PLAIN = """
    CREATE VIEW kpi.{name} WITH (security_invoker = true) AS
    SELECT DISTINCT ON ({series}, bucket)
           date_trunc('{bucket}', time, 'UTC') AS bucket, {series}, {last}, time
      FROM kpi.kpi_data
     ORDER BY {series}, bucket, time DESC
"""

_AS_BEFORE = (
    "DROP VIEW kpi.kpi_hourly, kpi.kpi_daily, kpi.kpi_data",
    "DROP MATERIALIZED VIEW kpi.hourly_values",
    "DROP MATERIALIZED VIEW kpi.daily_values",
    "DROP FUNCTION kpi.client_of_session()",
    "ALTER TABLE kpi.kpi_values RENAME TO kpi_data",
    f"GRANT SELECT ({_COLUMNS}) ON kpi.kpi_data TO {_READERS}",
    f"GRANT INSERT ({_COLUMNS}) ON kpi.kpi_data TO ae_calculation_engine_service",
    "ALTER TABLE kpi.kpi_data ENABLE ROW LEVEL SECURITY",
    """
    CREATE POLICY own_client ON kpi.kpi_data TO ae_calculation_engine_service
        USING (client_id = current_setting('app.client_id', true))
        WITH CHECK (client_id = current_setting('app.client_id', true))
    """,
    """
    CREATE POLICY own_login ON kpi.kpi_data FOR SELECT TO reporting
        USING (client_id = (SELECT access.client_of_login()))
    """,
    _PLAIN.format(name="kpi_hourly", bucket="hour", series=_SERIES, last=_LAST),
    _PLAIN.format(name="kpi_daily", bucket="day", series=_SERIES, last=_LAST),
    f"GRANT SELECT ON kpi.kpi_hourly, kpi.kpi_daily TO {_READERS}",
)


def _on_community(statement: str) -> str:
    """Return the statement, run only where the extension is, under the licence that has continuous aggregates."""
    return f"""
    DO $do$
    BEGIN
        IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')
           AND current_setting('timescaledb.license', true) = 'timescale' THEN
            EXECUTE $ddl${statement}$ddl$;
        END IF;
    END
    $do$
    """


def upgrade() -> None:
    for statement in (*_VALUES, *_AGGREGATES):
        op.execute(_on_community(statement))


def downgrade() -> None:
    for statement in _AS_BEFORE:
        op.execute(_on_community(statement))
