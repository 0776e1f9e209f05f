"""The line of every record of a CSV, whatever is between them and however they are read."""

from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from analytics_engine.services.database_service.ingest import csv_rows
from analytics_engine.services.database_service.ingest.csv_rows import CsvRows
from analytics_engine.services.database_service.ingest.reading import Format, Reading

RECORDS = st.sampled_from(["right,1", 'broken,"over\ntwo\n\nlines"', "", "narrow", 'wide,"a\nb",2', ",", "x,"])


def lines(text: str) -> tuple[list[int], list[int]]:
    """Return the lines of the rows and of what is no row, as the batches tell them."""
    rows: list[int] = []
    malformed: list[int] = []
    for batch in CsvRows(io.BytesIO(text.encode()), Reading(Format.CSV)).batches():
        rows += batch.lines.to_pylist()
        malformed += [row.line for row in batch.malformed]
        assert batch.malformed_rows == len(batch.malformed)
    return rows, malformed


def counted(records: list[str]) -> tuple[list[int], list[int]]:
    """Count them by hand."""
    rows: list[int] = []
    malformed: list[int] = []
    line = 2
    for record in records:
        if record in {"narrow", 'wide,"a\nb",2'}:
            malformed.append(line)
        elif record not in {"", ","}:
            rows.append(line)
        line += 1 + record.count("\n")
    return rows, malformed


@settings(max_examples=200)
@given(st.lists(RECORDS, min_size=1, max_size=60), st.sampled_from(["\n", "\r\n"]))
def test_lines_are_counted_through_all_that_is_no_row(records: list[str], ending: str) -> None:
    assert lines(ending.join(["one,two", *records, ""])) == counted(records)


def test_lines_go_on_from_block_to_block() -> None:
    """More than twice as much as is read at once, with gaps everywhere."""
    records = ["narrow", *["right,1", "", 'broken,"over\ntwo\n\nlines"', "narrow", 'wide,"a\nb",2', "x,"] * 200_000]
    text = "\n".join(["one,two", *records, "narrow", ""])
    assert len(text) > 2 * csv_rows._BLOCK_BYTES
    rows, malformed = counted(records)
    found: list[int] = []
    wrong = 0
    for batch in CsvRows(io.BytesIO(text.encode()), Reading(Format.CSV)).batches():
        found += batch.lines.to_pylist()
        wrong += batch.malformed_rows
    assert found == rows
    assert wrong == len(malformed) + 1
