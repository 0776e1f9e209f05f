"""The web application in a real browser, against the running product."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from system.product import Product

pytestmark = pytest.mark.system

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
BUILT = Path(__file__).parents[2] / "ui" / "dist" / "index.html"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
KPI = "FL_DEPARTURE_DELAY_MEAN"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a screen."""
    if not Path(CHROMIUM).exists():
        pytest.skip("NOT RUN: Chromium is not here (apt-get install chromium)")
    if not BUILT.exists():
        pytest.skip("NOT RUN: the web application is not built (make ui, which needs npm)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, running_product: Product, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """A fresh visitor's page; a failed test leaves a screenshot, and any error on the page fails the test."""
    context = browser.new_context(base_url=running_product.ui_url, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    page = context.new_page()
    mistakes: list[str] = []
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    page.on("console", lambda message: mistakes.append(message.text) if "Content Security" in message.text else None)
    failures = request.session.testsfailed
    yield page
    if request.session.testsfailed > failures:
        picture = tmp_path / "page.png"
        page.screenshot(path=picture, full_page=True)
        print(f"the page at its failure: {picture}, at {page.url}")
    context.close()
    assert mistakes == []


def sign_in(page: Page, product: Product, path: str = "/") -> None:
    page.goto(path)
    page.get_by_label("Email").fill(product.email)
    page.get_by_label("Password", exact=True).fill(product.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Catalog")).to_be_visible()


def table(page: Page) -> dict[str, str]:
    """Return the exact value of each period in the table of values; a missing one is empty."""
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows.nth(1)).to_be_visible()
    read: dict[str, str] = (
        page.get_by_role("table")
        .locator("tbody tr")
        .evaluate_all(
            """rows => Object.fromEntries(rows.map(row => [
             row.querySelector('th').textContent,
             row.querySelector('data')?.value ?? '',
           ]))"""
        )
    )
    return read


def api_values(product: Product, **query: Any) -> list[str]:
    """Return the same question's answer from the API, by a sign-in of its own."""
    whole_year = {"from": "2013-01-01", "to": "2014-01-01"}
    answer = product.post("/api/v1/calculate", {"kpis": [KPI], "range": whole_year} | query)
    return ["" if value is None else str(value) for value in answer["kpis"][0]["values"]]


def test_a_kpi_opened_from_the_tree_shows_the_values_the_api_gives(page: Page, running_product: Product) -> None:
    """Sign in, search the tree, open the KPI, change the grain: every number in the table is the API's, exactly."""
    sign_in(page, running_product)
    page.get_by_label("Search KPIs").fill("mean departure")
    page.get_by_role("treeitem", name="Mean departure delay").first.click()
    expect(page.get_by_role("heading", name="Mean departure delay")).to_be_visible()

    page.get_by_text("Quarter", exact=True).click()
    expect(page.get_by_role("rowheader", name="Q4 2013")).to_be_visible()
    quarters = table(page)
    page.get_by_text("Month", exact=True).click()
    expect(page.get_by_role("rowheader", name="Dec 2013")).to_be_visible()
    months = table(page)

    assert next(iter(months)) == "Jan 2013"
    assert list(months.values()) == api_values(running_product, grain="month")
    assert list(quarters.values()) == api_values(running_product, grain="quarter")
    assert "grain=month" in page.url


def test_a_link_holds_the_zone_the_split_and_the_filter(page: Page, running_product: Product) -> None:
    """A shared address opens on the same cut: split by origin, without one airport, counted in Kolkata's months."""
    address = "&".join(
        [
            f"/kpis/{KPI}?grain=quarter",
            "from=2013-01-01",
            "to=2014-01-01",
            "by=flight.origin_code",
            "filter=flight.origin_code~not-in~LGA",
            "zone=Asia/Kolkata",
        ]
    )
    sign_in(page, running_product, address)
    expect(page.get_by_role("cell", name="EWR").first).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("is none of LGA")).first).to_be_visible()
    shown = page.get_by_role("table").locator("tbody data").evaluate_all("cells => cells.map(cell => cell.value)")
    assert shown == api_values(
        running_product,
        grain="quarter",
        dimensions=["flight.origin_code"],
        filters=[{"attribute": "flight.origin_code", "operator": "not in", "values": ["LGA"]}],
        time_zone="Asia/Kolkata",
    )


def test_the_overview_opens_on_the_datas_own_range(page: Page, running_product: Product) -> None:
    """The sample ends with 2013, so the overview shows December 2013 and not an empty month of today."""
    sign_in(page, running_product)
    expect(page.get_by_role("heading", name="NYC flights")).to_be_visible()
    expect(page.get_by_text("December 2013, in America/New_York")).to_be_visible()
    page.get_by_role("region", name="Punctuality").get_by_role("button", name="more").click()
    card = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="On-time departure rate"))
    december = {"range": {"from": "2013-12-01", "to": "2014-01-01"}, "kpis": ["FL_ON_TIME_DEPARTURE_RATE"]}
    (rate,) = api_values(running_product, **december)
    expect(card.locator("data")).to_have_attribute("value", rate)
    expect(card).to_contain_text("vs November 2013")


def test_the_page_follows_the_data(page: Page, running_product: Product) -> None:
    """A row is loaded while the page is open: the number and the table change, and nobody reloads anything."""
    kpi = {"code": "UI_TICKS", "name": "Ticks", "module": "UI", "formula": "count(tick)", "direction": "higher"}
    tick = {
        "code": "tick", "name": "Tick", "nature": "event", "key": ["tick_id"], "time_attribute": "at",
        "attributes": [{"name": "tick_id", "type": "integer", "nullable": False},
                       {"name": "at", "type": "timestamp", "nullable": False}],
    }  # fmt: skip
    for path, body in (
        ("value-chains", {"code": "UIS", "name": "Pages"}),
        ("modules", {"code": "UI", "name": "Pages", "value_chains": ["UIS"]}),
        ("object-models", tick),
        ("kpis", kpi),
    ):
        assert running_product.send("POST", f"/api/v1/metadata/{path}", body).status == 201
    tick_at(running_product, 1, 2)
    sign_in(page, running_product, "/kpis/UI_TICKS?from=2013-12-01&to=2014-01-01&grain=month&zone=UTC")
    expect(page.get_by_role("rowheader", name="Dec 2013")).to_be_visible()
    expect(page.get_by_role("button", name="Live")).to_be_visible()
    december = page.get_by_role("table").locator("tbody tr", has_text="Dec 2013").locator("data")
    expect(december).to_have_attribute("value", "2")
    tick_at(running_product, 3)
    expect(december).to_have_attribute("value", "3", timeout=10_000)
    page.goto("/")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Ticks"))
    card.scroll_into_view_if_needed()
    ticks = card.locator("data").first
    expect(ticks).to_have_attribute("value", "3", timeout=10_000)
    tick_at(running_product, 4, 5)
    expect(ticks).to_have_attribute("value", "5", timeout=10_000)


def tick_at(product: Product, *numbers: int) -> None:
    rows = "".join(f"{number},2013-12-15T12:00:00Z\n" for number in numbers)
    span = "covers_from=2013-01-01T00:00:00Z&covers_until=2014-01-02T00:00:00Z"
    body = f"tick_id,at\n{rows}".encode()
    reply = product.send("POST", f"/api/v1/data/tick?{span}", body, headers={"Content-Type": "text/csv"})
    assert reply.status == 201, reply


def test_the_formula_and_the_explanation_are_there(page: Page, running_product: Product) -> None:
    """The page names the formula, its unit and its attributes, and shows the SQL behind the numbers on demand."""
    sign_in(page, running_product, f"/kpis/{KPI}")
    formula = page.get_by_role("region", name="Formula")
    expect(formula).to_contain_text("avg(flight.departure_delay)")
    expect(formula).to_contain_text("min")
    page.get_by_role("button", name="Explain").click()
    expect(page.get_by_role("region", name="SQL")).to_contain_text("SELECT")


def test_the_tree_is_worked_by_keyboard_alone(page: Page, running_product: Product) -> None:
    """From the search by arrow keys into the tree, down to a KPI, and Enter opens it."""
    sign_in(page, running_product)
    expect(page.get_by_role("treeitem").first).to_be_visible()
    page.get_by_label("Search KPIs").focus()
    page.keyboard.type("on-time departure")
    expect(page.get_by_role("treeitem", name="On-time departure rate").first).to_be_visible()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", name="On-time departure rate")).to_be_visible()


def test_the_dark_theme_is_chosen_and_kept(page: Page, running_product: Product) -> None:
    """The switch goes from the system's theme to light to dark; a reload keeps the theme and the session."""
    sign_in(page, running_product)
    page.get_by_role("button", name="Theme: as the system").click()
    page.get_by_role("button", name="Theme: light").click()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_wrong_password_is_answered_with_cause_and_remedy(page: Page, running_product: Product) -> None:
    """The sign-in page says what is wrong, and does not open."""
    page.goto("/")
    page.get_by_label("Email").fill(running_product.email)
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Signing in failed")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_signing_out_ends_the_session_for_good(page: Page, running_product: Product) -> None:
    """After signing out, a reload asks for the password again."""
    sign_in(page, running_product)
    page.get_by_role("button", name=re.compile("Administrator|analyst@", re.IGNORECASE)).click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Email")).to_be_visible()
