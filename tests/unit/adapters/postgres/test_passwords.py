from __future__ import annotations

import base64

import pytest

from analytics_engine.adapters.postgres.database import address_of, driver_url
from analytics_engine.adapters.postgres.passwords import scram_verifier
from analytics_engine.errors import InvalidSetting


def test_the_verifier_is_the_one_of_the_rfc() -> None:
    """The example of RFC 7677, section 3: user "user", password "pencil"; its keys follow from salt and iterations."""
    verifier = scram_verifier("pencil", salt=base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    assert verifier == (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
        "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )


def test_no_two_verifiers_of_a_password_are_alike() -> None:
    assert scram_verifier("pencil") != scram_verifier("pencil")


@pytest.mark.parametrize("password", ["", "pässword", "two\nlines"])
def test_a_password_that_clients_might_read_otherwise_is_refused(password: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        scram_verifier(password)
    assert "pässword" not in refused.value.detail


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg", "postgresql+psycopg"])
def test_urls_of_other_drivers_are_taken(scheme: str) -> None:
    assert driver_url(f"{scheme}://u:p@h:5432/d?sslmode=require") == "postgresql://u:p@h:5432/d?sslmode=require"


def test_an_address_shows_no_login() -> None:
    assert address_of("postgresql://user:p%40ss@db.example:5433/name?sslmode=require") == "db.example:5433/name"
