"""The statements that make and extend fact tables. Every name is quoted; nothing else comes from a definition."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from analytics_engine.kpi.model.object_model import DataType
from analytics_engine.services.database_service.tables.fact_table import CLIENT, SQL_TYPES, Column, FactTable, Layout

_READERS = "ae_calculation_engine_service, ae_database_service"
_OWN_CLIENT = f"{CLIENT} = current_setting('app.client_id', true)"
_OWN_LOGIN = f"{CLIENT} = (SELECT access.client_of_login())"


def quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("postgres")


def fact_name(code: str) -> str:
    return f"facts.{quoted(code)}"


def key_name(code: str) -> str:
    return f"fact_keys.{quoted(code)}"


def create(table: FactTable, *, comment: str) -> list[str]:
    """Return the statements that make a table, its key table, and what others may do with it."""
    name = fact_name(table.code)
    columns = [f"{CLIENT} text NOT NULL", *(column(name, what) for name, what in table.columns.items())]
    partitioned = f" PARTITION BY RANGE ({quoted(str(table.time_attribute))})"
    return [
        f"CREATE TABLE {name} ({', '.join(columns)}, PRIMARY KEY ({_names(table.primary_key)}))"
        + (partitioned if table.layout is Layout.PARTITIONS else ""),
        f"COMMENT ON TABLE {name} IS {exp.Literal.string(comment).sql('postgres')}",
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY own_client ON {name} FOR SELECT TO {_READERS} USING ({_OWN_CLIENT})",
        f"CREATE POLICY own_login ON {name} FOR SELECT TO reporting USING ({_OWN_LOGIN})",
        (
            f"CREATE TRIGGER ae_tell AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION facts.tell()"
        ),
        *([_create_key_table(table)] if table.has_key_table else []),
    ]


def admit_readers(table: FactTable) -> str:
    """Return the statement that lets the readers read; row-level security decides on the rows."""
    return f"GRANT SELECT ON {fact_name(table.code)} TO {_READERS}, reporting"


def admit_readers_by_column(table: FactTable) -> str:
    """Return the same for a hypertable: new chunks take over what is granted on the table, not what is on columns."""
    columns = _names((CLIENT, *table.columns))
    return f"GRANT SELECT ({columns}) ON {fact_name(table.code)} TO {_READERS}, reporting"


def turn_readers_away(table: FactTable, relation: str) -> str:
    """Return the statement that keeps the readers from naming a part of the table, where no row-level security is."""
    return f"REVOKE ALL ({_names((CLIENT, *table.columns))}) ON {relation} FROM {_READERS}, reporting"


def add_column(table: FactTable, name: str, what: Column) -> str:
    """Return the statement that adds a column; rows that are there already have nothing in it."""
    nullable = Column(what.type, required=False)
    return f"ALTER TABLE {fact_name(table.code)} ADD COLUMN {column(name, nullable)}"


def add_reserved_column(table: FactTable, name: str, type_: DataType) -> str:
    return f"ALTER TABLE {fact_name(table.code)} ADD COLUMN {column(name, Column(type_, required=False))}"


def hold(table: FactTable) -> str:
    """Return the statement after which no column changes until the transaction ends; others may write meanwhile."""
    return f"LOCK TABLE ONLY {fact_name(table.code)} IN ROW EXCLUSIVE MODE"


def hold_off_writers(table: FactTable) -> str:
    """Return the statement after which nobody else writes until the transaction ends; who reads goes on."""
    return f"LOCK TABLE {fact_name(table.code)} IN SHARE ROW EXCLUSIVE MODE"


def rename_column(table: FactTable, name: str, new_name: str) -> str:
    """Return the statement that calls a column otherwise: at once, whatever the number of rows."""
    return f"ALTER TABLE {fact_name(table.code)} RENAME COLUMN {quoted(name)} TO {quoted(new_name)}"


def drop_column(table: FactTable, name: str) -> str:
    return f"ALTER TABLE {fact_name(table.code)} DROP COLUMN {quoted(name)}"


def make_optional(table: FactTable, name: str) -> str:
    return f"ALTER TABLE {fact_name(table.code)} ALTER COLUMN {quoted(name)} DROP NOT NULL"


def column(name: str, what: Column) -> str:
    return f"{quoted(name)} {SQL_TYPES[what.type]}{' NOT NULL' if what.required else ''}"


def _create_key_table(table: FactTable) -> str:
    columns = [
        f"{CLIENT} text NOT NULL",
        *(column(name, Column(table.columns[name].type, required=True)) for name in table.identity),
    ]
    return f"CREATE TABLE {key_name(table.code)} ({', '.join(columns)}, PRIMARY KEY ({_names((CLIENT, *table.key))}))"


def _names(names: Iterable[str]) -> str:
    return ", ".join(quoted(name) for name in names)
