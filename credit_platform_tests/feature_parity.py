"""Comparing feature values of one applicant that were computed in two ways."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

RELATIVE = 1e-9


def apart(found: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    """Features that are not the same: null in one only, another text, or numbers apart by more than 1e-9 of them."""
    assert list(found) == list(expected)
    return [name for name, value in expected.items() if not _same(found[name], value)]


def _same(found: object, expected: object) -> bool:
    if isinstance(found, float) and isinstance(expected, float):
        return math.isclose(found, expected, rel_tol=RELATIVE, abs_tol=0.0)
    return found == expected
