"""Logs of services, PostgreSQL and Valkey as entries in one order."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from analytics_engine.embedded.log_entries import Wanted, entries_of, parsed

SERVICE = '{"event": "request", "request_id": "r1", "level": "info", "timestamp": "2026-11-27T09:00:02.5Z"}'
POSTGRES = (
    '2026-11-27 09:00:01.500 UTC [12] migrate owner ERROR:  relation "x" does not exist\n'
    "2026-11-27 09:00:01.500 UTC [12] migrate owner STATEMENT:  SELECT *\n\tFROM x"
)
VALKEY = "7:M 27 Nov 2026 09:00:03.250 # Short read or OOM loading DB"


def written(folder: Path) -> Path:
    (folder / "api_gateway.log").write_text(SERVICE + "\n")
    (folder / "postgres.log").write_text(POSTGRES + "\n")
    (folder / "valkey.log").write_text(VALKEY + "\n")
    return folder


def test_all_logs_are_one_in_the_order_of_time(tmp_path: Path) -> None:
    entries = entries_of(written(tmp_path), ["valkey", "api_gateway", "postgres"])
    assert [entry.source for entry in entries] == ["postgres", "postgres", "api_gateway", "valkey"]
    assert [entry.level for entry in entries] == ["error", "info", "info", "warning"]


def test_a_line_that_begins_no_entry_goes_on_with_the_one_before() -> None:
    entries = list(parsed("postgres", POSTGRES.splitlines()))
    assert entries[1].text.splitlines()[1] == "\tFROM x"


def test_entries_are_chosen_by_time_level_and_request(tmp_path: Path) -> None:
    entries = entries_of(written(tmp_path), ["api_gateway", "postgres", "valkey"])
    since = Wanted(since=datetime(2026, 11, 27, 9, 0, 2, tzinfo=UTC))
    assert [entry.source for entry in entries if since.admits(entry)] == ["api_gateway", "valkey"]
    assert [entry.event for entry in entries if Wanted(level="error").admits(entry)] == ['relation "x" does not exist']
    assert [entry.source for entry in entries if Wanted(request_id="r1").admits(entry)] == ["api_gateway"]


def test_rotated_files_come_before_the_present_one(tmp_path: Path) -> None:
    for name, event in (("a.log.2", "first"), ("a.log.1", "second"), ("a.log", "third")):
        (tmp_path / name).write_text(f'{{"event": "{event}", "timestamp": "2026-01-01T00:00:00Z"}}\n')
    assert [entry.event for entry in entries_of(tmp_path, ["a"])] == ["first", "second", "third"]
    assert [entry.event for entry in entries_of(tmp_path, ["a"], rotated=False)] == ["third"]
