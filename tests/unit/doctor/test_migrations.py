"""What a migration keeps waiting, as its text tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics_engine.bootstrap.schema import migrations_folder
from analytics_engine.doctor.checkups.migrations import effect_of, pending
from analytics_engine.doctor.looking.database import known_revisions


@pytest.mark.parametrize(
    ("text", "effect"),
    [
        ('op.execute("CREATE TABLE kpi.new (id int)"), "CREATE INDEX ON kpi.new (id)",', "keeps nobody waiting"),
        ('op.execute("CREATE INDEX ON kpi.old (id)")', "keeps writers waiting"),
        ('op.execute("CREATE INDEX CONCURRENTLY x ON kpi.old (id)")', "keeps nobody waiting"),
        ('op.execute("ALTER TABLE kpi.old ADD COLUMN a int")', "for a moment"),
        ('op.execute("ALTER TABLE kpi.old ALTER COLUMN a TYPE bigint")', "rewrites"),
        ('op.execute(\n    """\n    UPDATE kpi.old SET a = 1\n    """\n)', "changes rows"),
    ],
)
def test_the_strongest_effect_is_told(text: str, effect: str) -> None:
    assert effect in effect_of(text)


def test_pending_migrations_are_those_after_the_present_one() -> None:
    folder = migrations_folder()
    known = known_revisions(folder)
    assert [one.revision for one in pending(folder, known[-3], known)] == list(known[-2:])
    assert pending(folder, known[-1], known) == []
    assert len(pending(folder, "", known)) == len(known)


def test_revisions_are_known_in_their_order(tmp_path: Path) -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    revisions = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    assert known_revisions(migrations_folder()) == tuple(revisions)
