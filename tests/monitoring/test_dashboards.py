"""The dashboards are what Grafana takes, and say what their numbers are."""

from __future__ import annotations

from typing import Any

import pytest

from monitoring import dashboards, rendering

DOCUMENTS = dashboards.documents()
GRID_COLUMNS = 24


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_a_dashboard_names_its_schema_and_its_parts_once(document: dict[str, Any]) -> None:
    assert document["schemaVersion"] >= 39
    assert document["editable"] is False
    ids = [panel["id"] for panel in document["panels"]]
    assert len(ids) == len(set(ids))
    assert "id" not in document


def test_dashboards_have_different_ids_which_are_their_files_names() -> None:
    assert [f"{document['uid']}.json" for document in DOCUMENTS.values()] == list(DOCUMENTS)


def test_every_panel_asks_the_data_source_that_is_chosen() -> None:
    """That of the variable, which is the provisioned one until another is chosen."""
    chosen = {"type": "prometheus", "uid": "${datasource}"}
    for where, panel in dashboards.panels():
        assert panel["datasource"] == chosen, where
        assert all(target["datasource"] == chosen for target in panel["targets"]), where
    provisioned = rendering.read(rendering.SHIPPED / "grafana" / "provisioning" / "datasources" / "prometheus.yml")
    (source,) = provisioned["datasources"]
    for document in DOCUMENTS.values():
        (variable,) = [one for one in document["templating"]["list"] if one["type"] == "datasource"]
        assert variable["current"]["value"] == source["uid"]


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_panels_are_within_the_grid_and_lie_on_no_other(document: dict[str, Any]) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in document["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= GRID_COLUMNS, panel["title"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not taken & cells, panel["title"]
        taken |= cells


def test_every_panel_names_its_unit_and_each_of_its_lines() -> None:
    for where, panel in dashboards.panels():
        assert panel["fieldConfig"]["defaults"]["unit"], where
        assert all(target["legendFormat"] for target in panel["targets"]), where


def test_names_of_metrics_are_found_in_expressions() -> None:
    expression = 'sum by (le) (rate(a_total{b="c", d=~"e"}[5m])) / on () group_left max(f:g:h) or time() - i'
    assert dashboards.metrics_of(expression) == {"a_total", "f:g:h", "i"}
