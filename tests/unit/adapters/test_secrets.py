"""Which secrets a client's connectors may refer to."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics_engine.adapters.secrets import ReferencedSecrets
from analytics_engine.errors import InvalidInput

ENVIRONMENT = {"CONNECTOR_NYC_FLIGHTS__DB": "one", "CONNECTOR_A__B__DB": "two", "SECRET_KEY": "three"}


@pytest.fixture
def secrets(tmp_path: Path) -> ReferencedSecrets:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "db").write_text(" four \n")
    return ReferencedSecrets(environment=ENVIRONMENT, folder=tmp_path)


def test_a_clients_own_secrets_are_read(secrets: ReferencedSecrets) -> None:
    """By variable and by file, without the white space around."""
    assert secrets.read("env:CONNECTOR_NYC_FLIGHTS__DB", client_id="nyc-flights") == "one"
    assert secrets.read("env:CONNECTOR_A__B__DB", client_id="a--b") == "two"
    assert secrets.read("file:db", client_id="acme") == "four"


@pytest.mark.parametrize(
    ("reference", "client"),
    [
        ("env:SECRET_KEY", "nyc-flights"),
        ("env:CONNECTOR_NYC_FLIGHTS__DB", "nyc"),
        ("env:CONNECTOR_A__B__DB", "a"),
        ("env:CONNECTOR_A__", "a"),
        ("file:../acme/db", "another"),
        ("file:", "acme"),
        ("vault:db", "acme"),
        ("secret", "acme"),
    ],
)
def test_nothing_else_is(secrets: ReferencedSecrets, reference: str, client: str) -> None:
    """Neither the service's own secrets nor another client's, whose id may begin the same."""
    with pytest.raises(InvalidInput):
        secrets.read(reference, client_id=client)
