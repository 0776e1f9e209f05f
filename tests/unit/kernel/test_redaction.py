"""No secret comes into a log: not by its field, not in a text, not in what failed."""

from __future__ import annotations

import json
import string
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_engine.kernel.redaction import REDACTED, Redactor

WORDS = st.text(string.ascii_letters + string.digits + "._~+/=-", min_size=8, max_size=60).filter(
    lambda text: text.strip("._~+/=-") == text
)
ANYTHING = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=8, max_size=60)
NAMES = st.sampled_from(
    ["password", "DB_PASSWORD", "client_secret", "access_token", "Authorization", "x-api-key", "Cookie"]
)

TEXTS: dict[str, Callable[[str], str]] = {
    "a URL": lambda secret: f"cannot connect to postgresql://user:{quote(secret, safe='')}@db.example.com:5432/name",
    "a URL without a user": lambda secret: f"redis://:{secret}@host:6379/0 is away",
    "a URL in quotes": lambda secret: f"""ValueError: invalid DSN 'nats://u:{secret}@host'""",
    "a header": lambda secret: f"GET / Authorization: Bearer {secret}",
    "a header's value": lambda secret: f"refused Bearer {secret}",
    "a pair": lambda secret: f"host=db password={secret} user=me",
    "a parameter": lambda secret: f"https://example.com/?token={secret}&page=2",
    "JSON": lambda secret: json.dumps({"body": {"client_secret": secret}}),
    "a repr": lambda secret: repr({"password": secret, "user": "me"}),
    "a connection string": lambda secret: f"AccountName=a;AccountKey={secret};EndpointSuffix=core.windows.net",
}

NESTINGS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a mapping": lambda field: {"settings": {"deeper": field}},
    "a list": lambda field: [1, "two", [field]],
    "a tuple": lambda field: ("a", field),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
@given(secret=WORDS)
def test_a_secret_in_a_text_is_taken_out(text: Callable[[str], str], secret: str) -> None:
    written = Redactor().text(text(secret))
    assert secret not in written
    assert quote(secret, safe="") not in written
    assert REDACTED in written


@pytest.mark.parametrize("nesting", NESTINGS.values(), ids=NESTINGS.keys())
@given(name=NAMES, secret=ANYTHING)
def test_a_secret_in_a_nested_field_is_taken_out(
    nesting: Callable[[dict[str, Any]], Any], name: str, secret: str
) -> None:
    written = Redactor().fields({"event": "asked", "request": nesting({name: secret, "page": 2})})
    assert secret not in json.dumps(written, ensure_ascii=False)
    assert '"page": 2' in json.dumps(written)


@given(secret=ANYTHING, before=st.text(max_size=20), after=st.text(max_size=20))
def test_a_known_secret_is_taken_out_wherever_it_stands(secret: str, before: str, after: str) -> None:
    """Whatever it looks like, and whatever is around it."""
    assert secret not in Redactor([secret]).value([f"{before}{secret}{after}"])[0].replace(REDACTED, "\0")


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/v1/metadata/kpis 200 in 12.5 ms",
        "database_service cannot be reached at http://127.0.0.1:8000.",
        "https://example.com/a/b?page=2#top",
        "user admin@example.com signed in",
        "2026-11-27T09:00:00.123Z",
        "the value of amount: 12.50, count: 3",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor(["another-secret"]).text(text) == text


LOGGING = """
import logging
from analytics_engine.kernel.logging import configure_logging, get_logger
configure_logging(service="tested", level="INFO", human={human}, secrets=["known-secret-9"])
log = get_logger("tested")

def fail(password):
    raise ValueError(f"postgresql://u:pattern-secret-1@host refused, and known-secret-9")

for logger in (log, logging.getLogger("library")):
    try:
        fail("local-secret-2")
    except ValueError:
        logger.exception("it failed with Bearer pattern-secret-3")
log.warning("asked", request={{"headers": {{"authorization": "field-secret-4"}}, "url": "nats://u:pattern-secret-5@h"}})
logging.getLogger("library").warning("known-secret-9 of %s", "redis://:a-secret-6@h", extra={{"token": "a-secret-7"}})
"""


@pytest.mark.parametrize("human", [False, True])
def test_lines_tracebacks_and_lines_of_libraries_hold_no_secret(human: bool) -> None:
    """As they are written, for machines and for people."""
    code = LOGGING.format(human=human)
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stderr
    assert "secret-" not in output
    assert output.count("Traceback (most recent call last)") == 2
    assert output.count(REDACTED) >= 8
    assert "host refused" in output
