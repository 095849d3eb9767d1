"""Pieces of JSON Schema that every document of the service is put together of.

What is here: an object whose properties are all there, a text.
What to add here: another piece that two documents need.
What must not be here: a field of any document.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def object_of(properties: dict[str, Schema], description: str, *, optional: tuple[str, ...] = ()) -> Schema:
    """An object all of whose properties are always present, but for `optional` ones, and no others."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def text(description: str) -> Schema:
    """A text of any length."""
    return {"type": "string", "description": description}


def number(description: str) -> Schema:
    """A number."""
    return {"type": "number", "description": description}
