"""The published document follows the portfolio and the routes."""

from __future__ import annotations

from bento.http.app import create_app
from bento.http.handling import ServiceState
from bento.published.openapi import PROBES, example_requests, openapi_document
from bento.published.schema import column_schema
from credit_platform.portfolios import get_portfolio
from credit_platform.portfolios.source_table import Column, ColumnType

PORTFOLIO = get_portfolio("german_credit")
DOCUMENT = openapi_document(PORTFOLIO)


def test_every_route_that_clients_call_is_documented() -> None:
    routes = {getattr(route, "path", "") for route in create_app(ServiceState()).routes}
    undocumented = {"/", "/docs", "/docs/", "/docs/start.js", "/docs/assets", "/openapi.json"}
    assert set(DOCUMENT["paths"]) - set(PROBES) == routes - undocumented - {"/predict/batch"}


def test_every_operation_has_a_tag_that_is_described() -> None:
    told = {tag["name"] for tag in DOCUMENT["tags"]}
    used = [operation["tags"] for item in DOCUMENT["paths"].values() for operation in item.values()]
    assert all(len(tags) == 1 for tags in used)
    assert {tag for tags in used for tag in tags} == told


def test_an_application_has_every_column_but_key_target_and_protected_ones() -> None:
    schema = DOCUMENT["components"]["schemas"]["Application"]
    protected = {column.name for column in PORTFOLIO.application_columns if column.protected}
    assert protected
    assert set(schema["properties"]) == {column.name for column in PORTFOLIO.application_columns} - protected
    assert schema["additionalProperties"] is False
    assert all(f" {name}" in schema["description"] for name in protected)


def test_a_number_has_its_type_unit_and_range() -> None:
    column = Column(
        name="x", type=ColumnType.INT16, description="Length.", unit="months", minimum=1, influenceable=True
    )
    assert column_schema(column) == {
        "type": "integer",
        "minimum": 1,
        "maximum": 32767,
        "description": "Length. Unit: months.",
        "x-unit": "months",
        "x-influenceable": True,
    }


def test_sentinel_and_null_are_allowed_beside_the_values() -> None:
    column = Column(
        name="x", type=ColumnType.STRING, description="Kind.", allowed=("a", "b"), sentinel="XNA", nullable=True
    )
    assert column_schema(column) == {
        "anyOf": [
            {
                "anyOf": [
                    {"type": "string", "enum": ["a", "b"]},
                    {"const": "XNA", "description": "Stands for unknown."},
                ]
            },
            {"type": "null"},
        ],
        "description": "Kind.",
    }


def test_examples_hold_accepted_columns_only() -> None:
    accepted = set(DOCUMENT["components"]["schemas"]["Application"]["properties"])
    for body in example_requests(PORTFOLIO).values():
        assert set(body["application"]) <= accepted
