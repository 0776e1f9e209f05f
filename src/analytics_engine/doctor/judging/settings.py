"""Rules on settings, as they are written and as they are in force."""

from __future__ import annotations

from collections.abc import Iterator

from analytics_engine.doctor.findings import Check, Finding, Severity
from analytics_engine.doctor.seen import Seen

_SHORTEST_SECRET = 32
_SHORTEST_KEY = 24
_ALL = ("*",)

UNREADABLE = Check(
    name="settings.unreadable",
    severity=Severity.ERROR,
    what="{file} cannot be read: {reason}.",
    why="No command and no service starts in this folder, for each reads its settings there.",
    fix="chmod u+r {file}; where it is not text in UTF-8, write it anew from .env.example",
    explains=_ALL,
)
INVALID = Check(
    name="settings.invalid",
    severity=Severity.ERROR,
    what="A setting is wrong: {detail}",
    why="No command and no service starts until it is right.",
    fix="Correct {setting} in the environment or in {file}; .env.example describes every setting.",
    explains=_ALL,
)
BAD_LINE = Check(
    name="settings.bad-line",
    severity=Severity.ERROR,
    what="Line {line} of {file} is no setting: it has no NAME=value.",
    why="What it was meant to set is not set, and nothing else tells of it.",
    fix="Write line {line} of {file} as NAME=value, or put a # before it.",
)
DOUBLED = Check(
    name="settings.doubled",
    severity=Severity.WARNING,
    what="{name} stands in {file} more than once.",
    why="Only the last one counts, which may not be the one you look at.",
    fix="Keep one line {name}= in {file}.",
)
MISSPELT = Check(
    name="settings.misspelt",
    severity=Severity.WARNING,
    what="{name} is no setting; {meant} is one.",
    why="What it was meant to set has its default.",
    fix="Call it {meant}.",
)
WEAK_SECRET = Check(
    name="settings.weak-secret",
    severity=Severity.WARNING,
    what="SECRET_KEY is {length} characters long; it should have at least 32 random ones.",
    why="Whoever guesses it signs in as anybody. Production refuses to start with it.",
    fix="SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_urlsafe(48))'), the same for all services, "
    "then restart them.",
)
SHORT_API_KEY = Check(
    name="settings.short-api-key",
    severity=Severity.WARNING,
    what="API_KEY is shorter than 24 characters, so it was not registered.",
    why="Programs that show it are refused.",
    fix="API_KEY=$(python3 -c 'import secrets; print(secrets.token_urlsafe(32))'), then restart api_gateway.",
)
KNOWN_ADMIN_PASSWORD = Check(
    name="settings.known-admin-password",
    severity=Severity.WARNING,
    what="AE_ADMIN_PASSWORD is one that everybody tries first.",
    why="It becomes the password of the first administrator.",
    fix="Set AE_ADMIN_PASSWORD to a random one, then: analytics-engine users reset-password {email}",
)
SAME_PLACE = Check(
    name="settings.same-place",
    severity=Severity.ERROR,
    what="{one} and {other} are both to be at {url}.",
    why="One of them answers for the other, or neither starts.",
    fix="Give {other} an address of its own: {setting}=http://host:port",
    explains=("services.*",),
)
NO_CLIENT = Check(
    name="settings.unknown-client",
    severity=Severity.WARNING,
    what="AE_DEFAULT_CLIENT is {client}, and there is no such client; there are: {clients}.",
    why="The first administrator opens on a client without data.",
    fix="AE_DEFAULT_CLIENT={first}",
)
NO_CATALOG = Check(
    name="settings.no-catalog",
    severity=Severity.ERROR,
    what="AE_CATALOG_DIR is {folder}, and there is no such folder.",
    why="business_metadata has no definitions to load.",
    fix="Set AE_CATALOG_DIR to a folder of definitions, or unset it to have the shipped ones.",
    explains=("services.*",),
)

CHECKS = (
    UNREADABLE,
    INVALID,
    BAD_LINE,
    DOUBLED,
    MISSPELT,
    WEAK_SECRET,
    SHORT_API_KEY,
    KNOWN_ADMIN_PASSWORD,
    SAME_PLACE,
    NO_CLIENT,
    NO_CATALOG,
)
_KNOWN_PASSWORDS = frozenset({"admin", "password", "changeme", "change-me", "administrator", "secret"})


def judge(seen: Seen) -> Iterator[Finding]:
    """Yield what is wrong with the settings."""
    written = seen.written
    if written.unreadable:
        yield UNREADABLE.found(file=str(written.file), reason=written.unreadable)
    for line in written.bad_lines:
        yield BAD_LINE.found(line=line, file=str(written.file))
    for name in written.doubled:
        yield DOUBLED.found(name=name, file=str(written.file))
    for name, meant in written.misspelt.items():
        yield MISSPELT.found(name=name, meant=meant)
    if written.invalid:
        setting, detail = written.invalid
        yield INVALID.found(setting=setting or "it", detail=detail, file=str(written.file))
    yield from _of_values(seen)
    yield from _of_places(seen)


def _of_values(seen: Seen) -> Iterator[Finding]:
    given = seen.written.settings
    if given is None:
        return
    key = given.secret_key.get_secret_value() if given.secret_key else None
    if key is not None and len(key) < _SHORTEST_SECRET:
        yield WEAK_SECRET.found(length=len(key))
    if given.api_key and 0 < len(given.api_key.get_secret_value()) < _SHORTEST_KEY:
        yield SHORT_API_KEY.found()
    if given.ae_admin_password and given.ae_admin_password.get_secret_value().lower() in _KNOWN_PASSWORDS:
        yield KNOWN_ADMIN_PASSWORD.found(email=given.ae_admin_email)
    if seen.files and seen.files.catalog:
        yield NO_CATALOG.found(folder=str(seen.files.catalog))


def _of_places(seen: Seen) -> Iterator[Finding]:
    given = seen.written.settings
    if given is None:
        return
    places: dict[str, str] = {}
    for service in seen.services:
        other = places.setdefault(service.url, service.service.value)
        if other != service.service.value:
            setting = f"{service.service.value.upper()}_URL"
            yield SAME_PLACE.found(one=other, other=service.service.value, url=service.url, setting=setting)
    clients = [row["client_id"] for row in seen.database.rows.get("clients", ())] if seen.database else []
    if clients and "ae_default_client" in given.model_fields_set and given.ae_default_client not in clients:
        yield NO_CLIENT.found(client=given.ae_default_client, clients=", ".join(sorted(clients)), first=min(clients))
