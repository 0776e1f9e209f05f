from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from analytics_engine.doctor.checkups.history import History, Measurement, growth_per_day

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_growth_is_the_slope_a_day() -> None:
    measurements = [Measurement(START + timedelta(days=day), {"size": 100 + 7 * day}) for day in range(10)]
    growth = growth_per_day(measurements, "size")
    assert growth is not None
    assert round(growth, 9) == 7


def test_measurements_of_one_day_tell_no_growth() -> None:
    measurements = [Measurement(START + timedelta(hours=hour), {"size": hour}) for hour in range(6)]
    assert growth_per_day(measurements, "size") is None
    assert growth_per_day(measurements, "another") is None


def test_what_was_measured_is_read_again_and_broken_lines_are_passed_over(tmp_path: Path) -> None:
    history = History(tmp_path, "disks")
    history.add({"size": 1})
    file = tmp_path / "checkups" / "disks.jsonl"
    file.write_text(file.read_text() + "{broken\n")
    history.add({"size": 2})
    assert [one.values["size"] for one in history.read()] == [1, 2]


def test_nothing_is_kept_where_there_is_no_home(tmp_path: Path) -> None:
    history = History(tmp_path / "nowhere", "disks")
    history.add({"size": 1})
    assert history.read() == []
    assert not (tmp_path / "nowhere").exists()
