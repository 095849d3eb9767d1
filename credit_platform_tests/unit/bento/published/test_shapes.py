"""Pieces of the published schemas."""

from __future__ import annotations

from bento.published.shapes import object_of, text


def test_an_object_has_all_its_properties_and_no_others() -> None:
    fields = {"a": text("A."), "b": text("B.")}
    assert object_of(fields, "Both.")["required"] == ["a", "b"]
    some = object_of(fields, "Both.", optional=("b",))
    assert (some["required"], some["additionalProperties"], some["properties"]) == (["a"], False, fields)
