"""The settings, as they are written: the file ``.env``, the environment, and what comes of both."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from analytics_engine.bootstrap.settings import Settings, load_settings
from analytics_engine.errors import InvalidSetting

_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=")
_SIMILAR = 0.85


@dataclass(frozen=True, kw_only=True)
class SettingsFacts:
    """What is written where.

    Args:
        unreadable: why ``.env`` cannot be read.
        bad_lines: numbers of lines that are no settings; what they say may be a secret.
        doubled: names that ``.env`` gives more than once.
        misspelt: names that no setting has, with the setting that was meant.
        invalid: the setting that is wrong, with the reason.
    """

    file: Path
    unreadable: str = ""
    bad_lines: tuple[int, ...] = ()
    doubled: tuple[str, ...] = ()
    misspelt: Mapping[str, str]
    invalid: tuple[str, str] | None = None
    settings: Settings | None = None


def look_at_settings(folder: Path, environ: Mapping[str, str]) -> SettingsFacts:
    """Return what ``.env`` of a folder and the environment give."""
    file = folder / ".env"
    try:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror or "" if isinstance(error, OSError) else "it is not text in UTF-8"
        return SettingsFacts(file=file, unreadable=reason, misspelt={})
    numbered = list(enumerate(text.splitlines(), start=1))
    meant = [(number, line) for number, line in numbered if line.strip() and not line.lstrip().startswith("#")]
    names = [match["name"].upper() for _, line in meant if (match := _LINE.match(line))]
    settings, invalid = _loaded()
    return SettingsFacts(
        file=file,
        bad_lines=tuple(number for number, line in meant if not _LINE.match(line)),
        doubled=tuple(name for name, times in Counter(names).items() if times > 1),
        misspelt=dict(_misspelt([*names, *environ])),
        invalid=invalid,
        settings=settings,
    )


def _loaded() -> tuple[Settings | None, tuple[str, str] | None]:
    try:
        return load_settings(), None
    except InvalidSetting as error:
        named = error.facts.get("setting") or error.detail.partition(" ")[0].rstrip(":")
        return None, (str(named), error.detail)


def _misspelt(names: list[str]) -> Iterator[tuple[str, str]]:
    known = [name.upper() for name in Settings.model_fields]
    for name in names:
        if name.upper() in known or not name.upper().startswith("AE_"):
            continue
        if similar := difflib.get_close_matches(name.upper(), known, n=1, cutoff=_SIMILAR):
            yield name, similar[0]
