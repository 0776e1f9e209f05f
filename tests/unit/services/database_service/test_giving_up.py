"""A thread that checks rows stops when nobody waits for the load any more."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime

import pytest

from analytics_engine.kpi.model.object_model import Attribute, DataType, Nature, ObjectModel
from analytics_engine.services.database_service.ingest.checking import check
from analytics_engine.services.database_service.ingest.encodings import Encoding
from analytics_engine.services.database_service.ingest.kept import KeptRows
from analytics_engine.services.database_service.ingest.progress import GivenUp, Progress
from analytics_engine.services.database_service.ingest.reading import Format, Reading
from analytics_engine.services.database_service.ingest.rejection import Rejection

SENSOR = ObjectModel(
    code="sensor",
    name="Sensor",
    nature=Nature.DIMENSION,
    key=("code",),
    attributes=(Attribute(name="code", type=DataType.TEXT, nullable=False),),
)
CSV = b"code\na\n"


@pytest.mark.parametrize("encoding", [Encoding.IDENTITY, Encoding.GZIP])
def test_no_row_is_kept_once_a_load_is_given_up(encoding: Encoding) -> None:
    """Nor is a compressed body written out to its end."""
    body = CSV if encoding is Encoding.IDENTITY else gzip.compress(CSV)
    progress = Progress(
        ingest_id="i",
        client_id="c",
        object_model="sensor",
        idempotency_key=None,
        loaded_by="user:x",
        started_at=datetime(2024, 1, 1, tzinfo=UTC),
        is_given_up=True,
    )
    with KeptRows(SENSOR) as kept:
        with pytest.raises(GivenUp):
            check(
                io.BytesIO(body),
                kept,
                Rejection(keeps_rows=False),
                model=SENSOR,
                reading=Reading(Format.CSV, encoding=encoding),
                limit_bytes=1000,
                progress=progress,
            )
        assert (kept.rows, progress.rows_checked) == (0, 0)
