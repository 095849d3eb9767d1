"""Hiding packages from those that would import them for convenience."""

from __future__ import annotations

import sys

import pytest

from bento.runtime.slim import without


def test_a_hidden_package_cannot_be_imported_and_comes_back() -> None:
    sys.modules.pop("antigravity_of_tests", None)
    assert "colorsys" not in sys.modules or sys.modules.pop("colorsys")
    with without("colorsys", "antigravity_of_tests"), pytest.raises(ModuleNotFoundError):
        import colorsys  # noqa: F401, PLC0415  # importing it is the test
    assert "antigravity_of_tests" not in sys.modules
    import colorsys as again  # noqa: PLC0415  # as above

    assert again is sys.modules["colorsys"]


def test_what_is_imported_already_stays() -> None:
    with without("json"):
        import json  # noqa: PLC0415  # as above

        assert json.loads("1") == 1
    assert "json" in sys.modules
