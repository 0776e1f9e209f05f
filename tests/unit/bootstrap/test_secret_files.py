"""Settings that are files of AE_SECRETS_DIR, as compose and Kubernetes mount secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics_engine.bootstrap.settings import load_settings
from analytics_engine.errors import InvalidSetting

_KEY = "of a file, and longer than it must be"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two settings in files, and no other settings."""
    (tmp_path / "secret_key").write_text(f"{_KEY}\n", encoding="utf-8")
    (tmp_path / "redis_url").write_text("redis://of-a-file:6379\n", encoding="utf-8")
    for name in ("SECRET_KEY", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AE_SECRETS_DIR", str(tmp_path))
    return tmp_path


def test_a_file_is_the_setting_of_its_name(files: Path) -> None:
    assert load_settings().need_secret_key() == _KEY
    assert load_settings().need_redis_url() == "redis://of-a-file:6379"


def test_the_environment_wins_over_files(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://of-the-environment:6379")
    assert load_settings().need_redis_url() == "redis://of-the-environment:6379"


def test_an_empty_variable_is_none(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a container can leave to a file what a shared .env names for other ways to run it."""
    (files / ".env").write_text("REDIS_URL=\n", encoding="utf-8")
    monkeypatch.setenv("SECRET_KEY", "")
    assert load_settings().need_secret_key() == _KEY
    assert load_settings().need_redis_url() == "redis://of-a-file:6379"


def test_a_folder_that_is_not_there_is_said(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AE_SECRETS_DIR", str(files / "nowhere"))
    with pytest.raises(InvalidSetting, match="AE_SECRETS_DIR"):
        load_settings()
