from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from analytics_engine.embedded.account import Account, server_account
from analytics_engine.embedded.home import Home
from analytics_engine.embedded.instance import only_one, running_process, stop_running
from analytics_engine.embedded.postgres import with_login
from analytics_engine.embedded.secrets import secret
from analytics_engine.errors import AlreadyRunning, InvalidSetting, NotRunning


def test_a_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    """The same file gives the same value for ever, its mode is 0600, and two files differ."""
    first = secret(tmp_path / "one")
    assert secret(tmp_path / "one") == first
    assert len(first) >= 32
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o600
    assert secret(tmp_path / "two") != first


def test_an_empty_secret_is_an_error_and_not_a_new_secret(tmp_path: Path) -> None:
    """A truncated file is named; a new secret in its place would lock the data away."""
    (tmp_path / "one").touch()
    with pytest.raises(InvalidSetting) as raised:
        secret(tmp_path / "one")
    assert str(tmp_path / "one") in raised.value.detail
    assert "backup" in raised.value.remedy


def test_a_secret_that_cannot_be_read_names_file_and_remedy(tmp_path: Path) -> None:
    """An unreadable file is one clear error."""
    (tmp_path / "one").mkdir()
    with pytest.raises(InvalidSetting, match="cannot be read or made") as raised:
        secret(tmp_path / "one")
    assert str(tmp_path / "one") in raised.value.detail
    assert "AE_HOME" in raised.value.remedy


def test_a_home_that_cannot_be_made_names_the_folder(tmp_path: Path) -> None:
    """AE_HOME below a file is one clear error with the remedy."""
    (tmp_path / "file").touch()
    with pytest.raises(InvalidSetting, match="cannot be made") as raised:
        _ = Home(tmp_path / "file" / "home").logs
    assert "Set AE_HOME to a folder that you may write to" in raised.value.remedy


def test_one_home_has_one_up(tmp_path: Path) -> None:
    """A second holder is refused with the process id of the first; afterwards the home is free again."""
    home = Home(tmp_path / "home")
    with only_one(home):
        assert running_process(home) == os.getpid()
        with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"), only_one(home):
            pytest.fail("two at once")
    assert running_process(home) is None


def test_stopping_what_does_not_run_says_so(tmp_path: Path) -> None:
    """`stop` without a running system names AE_HOME and how to start."""
    with pytest.raises(NotRunning, match=str(tmp_path)) as raised:
        stop_running(Home(tmp_path))
    assert "analytics-engine up" in raised.value.remedy


def test_a_reset_leaves_nothing_but_the_lock(tmp_path: Path) -> None:
    """Data, secrets and logs go; the lock of who resets stays."""
    home = Home(tmp_path / "home")
    secret(home.secrets / "one")
    (home.server("postgres") / "data").mkdir()
    with only_one(home):
        home.delete_data()
        assert [path.name for path in home.path.iterdir()] == ["supervisor.lock"]


def test_an_account_can_use_what_its_rights_let_it(tmp_path: Path) -> None:
    """A closed folder on the way, or a file closed to others, is not usable; an open one is."""
    stranger = Account(name="stranger", user=os.getuid() + 4321, group=os.getgid() + 4321)
    open_folder = Path("/usr/bin")
    assert stranger.can_use(open_folder)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "file").touch(mode=0o644)
    assert not stranger.can_use(closed / "file")
    owner = Account(name="owner", user=os.getuid(), group=os.getgid())
    assert owner.can_use(closed)


def test_an_account_that_is_not_there_is_named() -> None:
    """Root with a misspelt AE_SERVER_USER gets one clear error; others run their servers themselves."""
    if os.geteuid() != 0:
        assert server_account("no-such-user") is None
        return
    with pytest.raises(InvalidSetting, match="AE_SERVER_USER: 'no-such-user'"):
        server_account("no-such-user")
    with pytest.raises(InvalidSetting, match="AE_SERVER_USER: 'root'"):
        server_account("root")


@pytest.mark.parametrize(
    "url",
    ["postgresql://owner:secret@db.example:5433/ae?sslmode=require", "postgresql://db.example:5433/ae?sslmode=require"],
)
def test_a_url_gets_another_login(url: str) -> None:
    """Host, port, database and options stay; user and password are replaced or added, and quoted."""
    assert with_login(url, user="ae_x", password="p@ss/word") == (
        "postgresql://ae_x:p%40ss%2Fword@db.example:5433/ae?sslmode=require"
    )
