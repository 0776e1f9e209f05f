"""Rules for migrations: one chain, and none that has others wait or takes from a running release what it uses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory

from analytics_engine.bootstrap.migrations import _config
from analytics_engine.bootstrap.schema import migration_files, migrations_folder

FIRST_RELEASE = "0020"
"""Up to here nobody runs a release that reads the former schema, and no table has grown."""

SQUAWK = str(Path(sys.executable).parent / "squawk")
NOT_OURS = (
    "prefer-robust-stmts",  # a migration is a transaction, and is done whole or not at all
    "require-lock-timeout",  # the migrating session has one
    "require-statement-timeout",  # an index made beside writers takes as long as it takes
    "prefer-bigint-over-int",  # taste
    "prefer-identity",
    "prefer-text-field",
    "ban-create-domain-with-constraint",
)


def sql_of(revision: str) -> str:
    """Return one migration's statements, without what Alembic notes of it."""
    config, text = _config(migrations_folder()), StringIO()
    before = ScriptDirectory.from_config(config).get_revision(revision).down_revision
    config.output_buffer = text
    command.upgrade(config, f"{before or 'base'}:{revision}", sql=True)
    return re.sub(r"^(UPDATE|INSERT INTO) alembic_version .*$", "", text.getvalue(), flags=re.MULTILINE)


def mistakes(sql: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [SQUAWK, "--reporter", "json", "--pg-version", "15", "--exclude", ",".join(NOT_OURS)],
        input=sql,
        capture_output=True,
        text=True,
        check=False,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    assert done.returncode == (1 if found else 0), done.stderr
    return found


def test_migrations_are_one_chain_in_the_order_of_their_numbers() -> None:
    """Files are known by their names, and a revision that is greater is newer."""
    scripts = ScriptDirectory.from_config(_config(migrations_folder()))
    chain = [script.revision for script in scripts.walk_revisions()][::-1]
    assert chain == list(migration_files())
    for revision, path in migration_files().items():
        assert scripts.get_revision(revision).path == str(path)


@pytest.mark.parametrize("revision", [one for one in migration_files() if one > FIRST_RELEASE] or [FIRST_RELEASE])
def test_a_migration_has_nobody_wait_and_takes_nothing_away(revision: str) -> None:
    assert mistakes(sql_of(revision)) == []


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("alter table kpi.alerts add column level integer not null", "adding-required-field"),
        ("alter table kpi.alerts alter column name type varchar(40)", "changing-column-type"),
        ("alter table kpi.alerts alter column name set not null", "adding-not-nullable-field"),
        ("alter table kpi.alerts drop column name", "ban-drop-column"),
        ("alter table kpi.alerts rename column name to title", "renaming-column"),
        ("alter table kpi.alerts rename to warnings", "renaming-table"),
        ("drop table kpi.alerts", "ban-drop-table"),
        ("create index alerts_name on kpi.alerts (name)", "require-concurrent-index-creation"),
        ("drop index kpi.alerts_name", "require-concurrent-index-deletion"),
        ("alter table kpi.alerts add constraint short check (length(name) < 40)", "constraint-missing-not-valid"),
        ("alter table kpi.alerts add constraint one unique (name)", "disallowed-unique-constraint"),
        (
            "alter table kpi.alerts add constraint rule foreign key (rule) references kpi.rules (id)",
            "adding-foreign-key-constraint",
        ),
    ],
)
def test_what_is_against_the_rules_is_seen(sql: str, rule: str) -> None:
    assert rule in {found["rule_name"] for found in mistakes(f"begin; {sql}; commit;")}


def test_what_is_within_the_rules_passes() -> None:
    """A new table with its indexes; a column with a default that is not computed; a constraint that is checked
    later; an index beside writers."""
    assert (
        mistakes(
            "begin;"
            "create table kpi.notes (id bigint primary key, at timestamptz not null default now());"
            "create index notes_at on kpi.notes (at);"
            "alter table kpi.alerts add column level integer not null default 0;"
            "alter table kpi.alerts add constraint short check (length(name) < 40) not valid;"
            "commit;"
            "create index concurrently alerts_name on kpi.alerts (name);"
        )
        == []
    )
