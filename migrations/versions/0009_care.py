"""What an operator may do to the database by way of database_service, and no more than that."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# A superuser has all of it. Another owner is given what its server lets it give itself: the right to signal others, or
# else membership of the logins, which it made. What lacks after that, the endpoints say.
_MEANS = """
    DO $do$
    DECLARE
        role   name;
        wanted name[] := ARRAY['pg_stat_scan_tables', 'ae_ingest', 'pg_signal_backend'];
        logins name[] := ARRAY['ae_database_service', 'ae_messaging_service', 'ae_business_metadata',
                               'ae_calculation_engine_service', 'ae_demo_config_service', 'ae_connector_service',
                               'ae_api_gateway'];
    BEGIN
        FOREACH role IN ARRAY wanted || logins LOOP
            CONTINUE WHEN pg_has_role(role, 'USAGE');
            CONTINUE WHEN role = ANY (logins) AND pg_has_role('pg_signal_backend', 'USAGE');
            BEGIN
                EXECUTE format('GRANT %I TO CURRENT_USER', role);
            EXCEPTION WHEN insufficient_privilege OR invalid_grant_operation THEN
                RAISE NOTICE 'the owner is no member of %: some of what operators may do will be refused', role;
            END;
        END LOOP;
    END
    $do$
"""

# The definer's rights reach every session of the server, so the function itself draws the line.
_SIGNAL = """
    CREATE FUNCTION operations.signal_session(
        target integer, terminate boolean, OUT outcome text, OUT login name, OUT application text
    )
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $function$
    BEGIN
        SELECT usename, application_name INTO login, application
          FROM pg_stat_activity
         WHERE pid = target AND pid <> pg_backend_pid() AND datname = current_database();
        IF NOT FOUND THEN
            outcome := 'absent';
        ELSIF login IS NULL
           OR NOT (login IN ('ae_database_service', 'ae_messaging_service', 'ae_business_metadata',
                             'ae_calculation_engine_service', 'ae_demo_config_service', 'ae_connector_service',
                             'ae_api_gateway')
                   OR EXISTS (SELECT FROM access.report_logins AS report WHERE report.login = signal_session.login))
        THEN
            outcome := 'foreign';
        ELSIF (CASE WHEN terminate THEN pg_terminate_backend(target) ELSE pg_cancel_backend(target) END) THEN
            outcome := 'signalled';
        ELSE
            outcome := 'absent';
        END IF;
    EXCEPTION WHEN insufficient_privilege THEN
        outcome := 'not_allowed';
    END
    $function$
"""

_RESET = """
    CREATE FUNCTION operations.reset_statements() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $function$
    BEGIN
        PERFORM public.pg_stat_statements_reset(
            0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0
        );
        RETURN true;
    EXCEPTION WHEN insufficient_privilege THEN
        RETURN false;
    END
    $function$
"""

# Widths only, and no values: a row's header grows by a bit for each column where a row may lack one.
_WIDTHS = """
    CREATE FUNCTION operations.row_widths() RETURNS TABLE (relation oid, width float8, header integer)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $function$
        SELECT pg_class.oid,
               sum((1 - null_frac) * avg_width)::float8,
               8 * ((23 + CASE WHEN max(null_frac) > 0 THEN (count(*) + 7) / 8 ELSE 0 END + 7) / 8)::integer
          FROM pg_stats
          JOIN pg_namespace ON nspname = schemaname
          JOIN pg_class ON relnamespace = pg_namespace.oid AND relname = tablename
         WHERE NOT inherited
         GROUP BY pg_class.oid
        HAVING count(*) = (SELECT count(*)
                             FROM pg_attribute
                            WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped)
    $function$
"""

_MEASURED = """
    CREATE FUNCTION operations.measured_bloat(relation oid) RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $function$
    DECLARE
        place name;
        bloat bigint;
    BEGIN
        SELECT nspname INTO place
          FROM pg_extension
          JOIN pg_namespace ON pg_namespace.oid = extnamespace
         WHERE extname = 'pgstattuple';
        IF NOT FOUND OR (SELECT relkind FROM pg_class WHERE oid = relation) NOT IN ('r', 'm') THEN
            RETURN NULL;
        END IF;
        EXECUTE format('SELECT (dead_tuple_len + approx_free_space)::bigint FROM %I.pgstattuple_approx($1)', place)
           INTO bloat
          USING relation::regclass;
        RETURN bloat;
    EXCEPTION WHEN insufficient_privilege OR undefined_table THEN
        RETURN NULL;
    END
    $function$
"""

_FUNCTIONS = (
    "operations.signal_session(integer, boolean)",
    "operations.reset_statements()",
    "operations.row_widths()",
    "operations.measured_bloat(oid)",
)


def upgrade() -> None:
    op.execute("CREATE SCHEMA operations")
    op.execute("COMMENT ON SCHEMA operations IS 'What operators may do that needs the rights of the owner'")
    for statement in (_MEANS, _SIGNAL, _RESET, _WIDTHS, _MEASURED):
        op.execute(statement)
    for function in _FUNCTIONS:
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO ae_database_service")
    op.execute("GRANT USAGE ON SCHEMA operations TO ae_database_service")


def downgrade() -> None:
    op.execute("DROP SCHEMA operations CASCADE")
