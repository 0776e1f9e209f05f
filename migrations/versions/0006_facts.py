"""What database_service keeps of the fact tables it makes and of what was loaded, and the history of KPI values."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_OWN_CLIENT = "client_id = current_setting('app.client_id', true)"

# Keys and partitions have schemas of their own, so that no object model's code can clash with their names.
_FACTS = (
    "CREATE SCHEMA fact_keys",
    "CREATE SCHEMA fact_partitions",
    "GRANT USAGE, CREATE ON SCHEMA fact_keys, fact_partitions TO ae_ingest",
    "GRANT USAGE ON SCHEMA ingest TO ae_database_service",
    """
    CREATE TABLE ingest.tables (
        object_model   text        PRIMARY KEY,
        key            text[]      NOT NULL,
        time_attribute text,
        columns        jsonb       NOT NULL,
        layout         text        NOT NULL CHECK (layout IN ('plain', 'partitions', 'hypertable')),
        model_version  integer     NOT NULL,
        created_at     timestamptz NOT NULL DEFAULT now(),
        changed_at     timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    COMMENT ON TABLE ingest.tables IS
        'The fact tables made from object models; columns holds the type of each and whether it is required'
    """,
    "GRANT SELECT, INSERT, UPDATE ON ingest.tables TO ae_database_service",
    """
    CREATE TABLE ingest.loads (
        ingest_id       uuid        PRIMARY KEY,
        client_id       text        NOT NULL,
        object_model    text        NOT NULL,
        model_version   integer     NOT NULL,
        mode            text        NOT NULL CHECK (mode IN ('append', 'upsert')),
        rows            bigint      NOT NULL,
        inserted        bigint      NOT NULL,
        updated         bigint      NOT NULL,
        size_bytes      bigint      NOT NULL,
        covered_from    timestamptz,
        covered_until   timestamptz,
        xid             xid8        NOT NULL DEFAULT pg_current_xact_id(),
        loaded_by       text        NOT NULL,
        loaded_at       timestamptz NOT NULL DEFAULT now(),
        idempotency_key text,
        request_hash    bytea       NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX loads_idempotency_key ON ingest.loads (client_id, idempotency_key)",
    "CREATE INDEX loads_object_model ON ingest.loads (client_id, object_model, loaded_at DESC)",
    "COMMENT ON TABLE ingest.loads IS 'Every committed load, written in its own transaction; the receipts'",
    "GRANT SELECT, INSERT ON ingest.loads TO ae_database_service",
    """
    CREATE TABLE facts.coverage (
        client_id     text        NOT NULL,
        object_model  text        NOT NULL,
        covered_from  timestamptz NOT NULL,
        covered_until timestamptz NOT NULL,
        changed_at    timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (client_id, object_model),
        CHECK (covered_from < covered_until)
    )
    """,
    """
    COMMENT ON TABLE facts.coverage IS
        'The hull of what was loaded, half-open: inside it no rows means none happened, outside it nothing is known'
    """,
    "GRANT SELECT, INSERT, UPDATE ON facts.coverage TO ae_database_service",
    "GRANT SELECT ON facts.coverage TO ae_calculation_engine_service, reporting",
)

_KPI_TABLE = """
    CREATE TABLE kpi.kpi_data (
        time         timestamptz NOT NULL,
        client_id    text        NOT NULL,
        kpi_code     text        NOT NULL,
        kpi_version  integer     NOT NULL,
        grain        text        NOT NULL,
        dimensions   jsonb       NOT NULL DEFAULT '{}',
        period_start timestamptz NOT NULL,
        period_end   timestamptz NOT NULL,
        value        numeric,
        reason       text        NOT NULL DEFAULT '',
        watermark    bigint      NOT NULL,
        CHECK (period_start < period_end),
        CHECK (value IS NULL OR reason = '')
    )
"""

# By column: a chunk of a hypertable takes over its table's grants, and not its row-level security.
_KPI_COLUMNS = (
    "time, client_id, kpi_code, kpi_version, grain, dimensions, period_start, period_end, value, reason, watermark"
)

# A value holds at the time it was computed; of several in an hour or day the last is the one that counts then.
_LAST_OF = """
    CREATE VIEW kpi.{name} WITH (security_invoker = true) AS
    SELECT DISTINCT ON (client_id, kpi_code, kpi_version, grain, dimensions, bucket)
           date_trunc('{bucket}', time, 'UTC') AS bucket,
           client_id, kpi_code, kpi_version, grain, dimensions, period_start, period_end, value, reason, watermark, time
      FROM kpi.kpi_data
     ORDER BY client_id, kpi_code, kpi_version, grain, dimensions, bucket, time DESC
"""

_HISTORY = (
    f"""
    DO $do$
    BEGIN
        IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
            EXECUTE $ddl${_KPI_TABLE}$ddl$;
            PERFORM create_hypertable('kpi.kpi_data', 'time', chunk_time_interval => interval '1 month');
        ELSE
            EXECUTE $ddl${_KPI_TABLE} PARTITION BY RANGE (time)$ddl$;
        END IF;
    END
    $do$
    """,
    "CREATE INDEX kpi_data_kpi ON kpi.kpi_data (client_id, kpi_code, grain, time DESC)",
    "COMMENT ON TABLE kpi.kpi_data IS 'Values of KPIs as they were computed, at time; a null has a reason'",
    """
    CREATE FUNCTION kpi.make_partitions(months_ahead integer DEFAULT 3) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC' AS $function$
    DECLARE
        month timestamptz;
        made  integer := 0;
    BEGIN
        IF (SELECT relkind FROM pg_class WHERE oid = 'kpi.kpi_data'::regclass) <> 'p' THEN
            RETURN 0;
        END IF;
        PERFORM pg_advisory_xact_lock(hashtextextended('kpi.make_partitions', 0));
        FOR month IN
            SELECT date_trunc('month', now(), 'UTC') + make_interval(months => n)
              FROM generate_series(-1, months_ahead) AS n
        LOOP
            IF to_regclass('kpi.kpi_data_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM')) IS NULL THEN
                EXECUTE format(
                    'CREATE TABLE kpi.%I PARTITION OF kpi.kpi_data FOR VALUES FROM (%L) TO (%L)',
                    'kpi_data_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM'),
                    month, month + interval '1 month'
                );
                made := made + 1;
            END IF;
        END LOOP;
        RETURN made;
    END
    $function$
    """,
    "REVOKE ALL ON FUNCTION kpi.make_partitions(integer) FROM PUBLIC",
    "SELECT kpi.make_partitions()",
    _LAST_OF.format(name="kpi_hourly", bucket="hour"),
    _LAST_OF.format(name="kpi_daily", bucket="day"),
    "GRANT USAGE ON SCHEMA kpi TO ae_database_service, ae_calculation_engine_service, reporting",
    "GRANT EXECUTE ON FUNCTION kpi.make_partitions(integer) TO ae_database_service",
    f"GRANT SELECT ({_KPI_COLUMNS}) ON kpi.kpi_data TO ae_calculation_engine_service, reporting",
    f"GRANT INSERT ({_KPI_COLUMNS}) ON kpi.kpi_data TO ae_calculation_engine_service",
    "GRANT SELECT ON kpi.kpi_hourly, kpi.kpi_daily TO ae_calculation_engine_service, reporting",
)


def _tenants(table: str, services: str, *, reporting: bool = True) -> tuple[str, ...]:
    """Let services see and write the rows of the client they work for, and report writers read their client's."""
    policies = (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY own_client ON {table} TO {services} USING ({_OWN_CLIENT}) WITH CHECK ({_OWN_CLIENT})",
    )
    if not reporting:
        return policies
    return (
        *policies,
        f"""
        CREATE POLICY own_login ON {table} FOR SELECT TO reporting
            USING (client_id = (SELECT access.client_of_login()))
        """,
    )


_TENANTS = (
    *_tenants("ingest.loads", "ae_database_service", reporting=False),
    *_tenants("facts.coverage", "ae_database_service, ae_calculation_engine_service"),
    *_tenants("kpi.kpi_data", "ae_calculation_engine_service"),
)


def upgrade() -> None:
    for statement in (*_FACTS, *_HISTORY, *_TENANTS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP VIEW kpi.kpi_daily, kpi.kpi_hourly")
    op.execute("DROP FUNCTION kpi.make_partitions(integer)")
    op.execute("DROP TABLE kpi.kpi_data, facts.coverage, ingest.loads, ingest.tables")
    op.execute("DROP SCHEMA fact_keys, fact_partitions CASCADE")
