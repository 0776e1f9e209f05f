from __future__ import annotations

from pathlib import Path

import pytest

from analytics_engine.services.api_gateway.web.files import WebFiles

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def built(app) -> Path:
    """A small built application where the gateway looks for it; gone after the test."""
    folder: Path = app.state.web._folders[0]
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>The application</title>")
    (folder / "favicon.svg").write_text("<svg/>")
    (folder / "assets" / "index-abc123.js").write_text("1")
    yield folder
    for file in ("assets/index-abc123.js", "favicon.svg", "index.html"):
        (folder / file).unlink()
    (folder / "assets").rmdir()


async def test_before_the_application_is_built_the_page_says_how(gateway):
    """The API works meanwhile."""
    answer = await gateway.get("/", headers=BROWSER)
    assert answer.status_code == 200
    assert "make ui" in answer.text
    assert (await gateway.get("/live")).status_code == 200


@pytest.mark.parametrize("path", ["/", "/kpis/ON_TIME_DEPARTURE_RATE", "/sign-in?next=%2F"])
async def test_every_page_people_type_is_the_application(gateway, built, path):
    """The application routes itself; its page is asked for anew each time."""
    answer = await gateway.get(path, headers=BROWSER)
    assert "The application" in answer.text
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_the_front_door_opens_for_everyone(gateway, built, method):
    """Programs that ask for the bare address, such as curl and probes, get the page as browsers do."""
    answer = await gateway.request(method, "/", headers={"Accept": "*/*"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


async def test_hashed_files_are_kept_for_ever(gateway, built):
    """Their name changes with their content."""
    answer = await gateway.get("/assets/index-abc123.js")
    assert answer.text == "1"
    assert "immutable" in answer.headers["cache-control"]
    assert "javascript" in answer.headers["content-type"]


@pytest.mark.parametrize("path", ["/assets/gone.js", "/api/v1/nothing", "/api/unknown"])
async def test_what_is_not_there_is_a_404_and_not_the_page(gateway, built, path, admin):
    """A missing file or route is told as one."""
    answer = await gateway.get(path, headers={"Accept": "*/*", **admin})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_api_path_is_never_the_page(gateway, built, admin):
    """Not even for a browser."""
    answer = await gateway.get("/api/v1/nothing", headers={**BROWSER, **admin})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/assets/../../secret.txt", "//etc/passwd", "/assets/./../../secret.txt"]
)
def test_no_path_leads_out_of_the_folder(tmp_path, path):
    """Dots and slashes reach nothing beside the application."""
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "ui").mkdir()
    (tmp_path / "ui" / "index.html").write_text("page")
    assert WebFiles([tmp_path / "ui"]).answer(path, wants_page=False) is None


async def test_browsers_are_told_what_the_application_may_do(gateway, built):
    """Scripts from here only, no frames, no guessing of types."""
    headers = (await gateway.get("/", headers=BROWSER)).headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
