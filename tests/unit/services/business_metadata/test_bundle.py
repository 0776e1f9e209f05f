from __future__ import annotations

from pathlib import Path

import pytest

from analytics_engine.errors import InvalidDefinition, InvalidSetting
from analytics_engine.services.business_metadata.bundle import (
    Source,
    as_yaml,
    read_bundle,
    read_directory,
    write_bundle,
)

CATALOG = Path(__file__).parents[4] / "catalog"

GOOD = """\
value_chains:
  - code: SALES
    name: Sales
modules:
  - code: ORDERS
    name: Orders
    value_chains: [SALES]
"""


def refusal(text: str, name: str = "some/file.yaml") -> InvalidDefinition:
    with pytest.raises(InvalidDefinition) as raised:
        read_bundle([Source(name, text)])
    return raised.value


def test_a_bundle_gives_its_definitions_with_their_places() -> None:
    """Each definition is known by kind and code, and says where it stands."""
    entries = read_bundle([Source("a.yaml", GOOD)])
    assert [(entry.key[0].value, entry.key[1], str(entry.place)) for entry in entries] == [
        ("value_chain", "SALES", "a.yaml, line 2, column 5"),
        ("module", "ORDERS", "a.yaml, line 5, column 5"),
    ]


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("kpis: [", "some/file.yaml, line 1, column 8: expected the node content, but found '<stream end>'"),
        ("modules:\n  - code: A\n    code: B\n", "some/file.yaml, line 3, column 5: 'code' is given twice"),
        (
            "value_chains:\n  - &a {code: A, name: A}\n  - *a\n",
            "some/file.yaml, line 3, column 5: aliases (*name) are not used in definitions",
        ),
        (
            "- code: A\n",
            ("some/file.yaml, line 1, column 1: a bundle is a mapping with some of the keys "
            "value_chains, modules, object_models, kpis, rollups"),
        ),
        ("kpi: []\n", ("some/file.yaml, line 1, column 6: 'kpi' is not a section; there are: "
         "value_chains, modules, object_models, kpis, rollups")),
        ("kpis: 3\n", "some/file.yaml, line 1, column 7: kpis: kpis must be a list of definitions"),
        (
            "value_chains:\n  - code: A\n    name: One\n    colour: red\n",
            "some/file.yaml, line 4, column 13: value_chains[0].colour: value chain A: Extra inputs are not permitted",
        ),
        (
            "value_chains:\n  - code: lower\n    name: One\n",
            ("some/file.yaml, line 2, column 11: value_chains[0].code: value chain lower: "
            "String should match pattern '^[A-Z][A-Z0-9_]{0,62}$'"),
        ),
        ("[" * 60 + "]" * 60, "some/file.yaml, line 1, column 41: this is nested too deeply"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_line_and_column(text: str, detail: str) -> None:
    """Whatever is wrong with a file, the first thing told is where."""
    assert refusal(text).detail == detail


def test_all_mistakes_are_told_at_once() -> None:
    """Two wrong places in one file are two entries, so that they are corrected in one go."""
    error = refusal("value_chains:\n  - name: No code\n  - code: B\n")
    assert error.detail.endswith("(and 1 more)")
    assert [(fact["line"], fact["path"]) for fact in error.facts["errors"]] == [
        (2, "value_chains[0].code"),
        (3, "value_chains[1].name"),
    ]


def test_a_definition_given_twice_names_both_places() -> None:
    """The second file that defines a code is refused, and the first is named."""
    with pytest.raises(InvalidDefinition) as raised:
        read_bundle([Source("a.yaml", GOOD), Source("b.yaml", GOOD)])
    assert raised.value.detail.startswith(
        "b.yaml, line 2, column 5: the value chain SALES is defined twice; first at a.yaml, line 2, column 5"
    )


def test_json_is_a_bundle_too_and_its_mistakes_have_a_path() -> None:
    """JSON is read by its own parser; a wrong value is named by its path in the document."""
    assert len(read_bundle([Source("b.json", '{"value_chains": [{"code": "A", "name": "A"}]}')])) == 1
    assert refusal('{"kpis": [', "b.json").detail == "b.json, line 1, column 11: this is not JSON: Expecting value"
    facts = refusal('{"value_chains": [{"code": "A"}]}', "b.json").facts["errors"]
    assert facts[0]["path"] == "value_chains[0].name"


def test_on_is_a_word_and_not_a_boolean() -> None:
    """The relations' key ``on`` and a value such as ``no`` stay text, as in YAML 1.2."""
    model = """\
object_models:
  - code: order
    name: no
    nature: dimension
    key: [id]
    attributes: [{name: id, type: text, nullable: false}]
    relations: [{name: again, target: order, on: {id: id}}]
"""
    (entry,) = read_bundle([Source("m.yaml", model)])
    assert entry.definition.name == "no"


def test_the_shipped_catalog_is_written_and_read_back_the_same() -> None:
    """Export and import are inverse: nothing is lost on the way out and in."""
    entries = read_bundle(read_directory(CATALOG))
    text = as_yaml(write_bundle(entry.definition for entry in entries))
    again = read_bundle([Source("all.yaml", text)])
    assert {entry.key: entry.definition for entry in again} == {entry.key: entry.definition for entry in entries}


def test_a_directory_without_definitions_is_a_wrong_setting(tmp_path: Path) -> None:
    """An empty or missing catalog folder names the setting to change."""
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(InvalidSetting) as raised:
            read_directory(folder)
        assert raised.value.facts["setting"] == "AE_CATALOG_DIR"


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    """A file in another encoding is named, with what to do."""
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidSetting) as raised:
        read_directory(tmp_path)
    assert str(tmp_path) in raised.value.detail
    assert "UTF-8" in raised.value.remedy
