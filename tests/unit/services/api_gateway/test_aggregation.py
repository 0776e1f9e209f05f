from __future__ import annotations

from analytics_engine.contracts.services import Service
from analytics_engine.services.api_gateway.documents.aggregation import aggregate

OWN = {"openapi": "3.1.0", "info": {"title": "API", "version": "1"}, "paths": {}}
REF = {"$ref": "#/components/schemas/Item"}


def _document(path: str, schemas: dict, *, operation: str = "read") -> dict:
    answer = {"200": {"content": {"application/json": {"schema": REF}}}}
    return {
        "paths": {path: {"get": {"operationId": operation, "responses": answer}}, "/health": {"get": {}}},
        "components": {"schemas": schemas},
    }


def _schema_of(document: dict, path: str) -> dict:
    reference = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    return document["components"]["schemas"][reference.rpartition("/")[2]]


def test_a_schema_that_two_services_share_is_there_once():
    """Routes are at their public paths; a service's own operations are not."""
    item = {"type": "object"}
    merged = aggregate(
        OWN,
        {
            Service.METADATA: _document("/kpis", {"Item": item}),
            Service.DEMO_CONFIG: _document("/clients", {"Item": item}),
        },
    )
    assert set(merged["paths"]) == {"/api/v1/metadata/kpis", "/api/v1/config/clients"}
    assert list(merged["components"]["schemas"]) == ["Item"]


def test_schemas_of_one_name_that_differ_both_keep_their_meaning():
    """Also where they differ only in what they refer to."""
    list_of_parts = {"type": "array", "items": {"$ref": "#/components/schemas/Part"}}
    first = {"Item": list_of_parts, "Part": {"type": "string"}}
    second = {"Item": list_of_parts, "Part": {"type": "integer"}}
    merged = aggregate(
        OWN, {Service.MESSAGING: _document("/streams", first), Service.METADATA: _document("/kpis", second)}
    )
    for path, kind in (("/api/v1/messages/streams", "string"), ("/api/v1/metadata/kpis", "integer")):
        part = _schema_of(merged, path)["items"]["$ref"].rpartition("/")[2]
        assert merged["components"]["schemas"][part] == {"type": kind}
    assert "BusinessMetadataPart" in merged["components"]["schemas"]


def test_operations_of_one_name_are_told_apart():
    """Generated clients name their functions after them."""
    merged = aggregate(
        OWN,
        {Service.METADATA: _document("/kpis", {"Item": {}}), Service.DEMO_CONFIG: _document("/clients", {"Item": {}})},
    )
    names = [item["get"]["operationId"] for item in merged["paths"].values()]
    assert sorted(names) == ["demo_config_service_read", "read"]


def test_services_without_a_document_are_named():
    """Whoever reads the document knows that it is not whole."""
    merged = aggregate(OWN, {}, unavailable=[Service.METADATA, Service.CONNECTOR])
    assert merged["x-unavailable"] == ["business_metadata", "connector_service"]


def test_the_documents_given_are_left_as_they_were():
    """Aggregating twice gives the same twice."""
    documents = {Service.METADATA: _document("/kpis", {"Item": {}})}
    assert aggregate(OWN, documents) == aggregate(OWN, documents)
    assert OWN["paths"] == {}
