"""Identifiers that a client may choose: of a request, of an applicant; and those made up for who chose none.

What is here: their form and the check of it, free of heavy imports; `new_request_id`.
What to add here: the form of another identifier.
What must not be here: identifiers of fields or models; those come from the portfolio and the scorer.
"""

from __future__ import annotations

import os
import re
import time

IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
"""Short, and harmless in logs, headers and URLs."""
IDENTIFIER_IN_WORDS = "a text of 1 to 64 ASCII letters, digits and . _ : - that starts with a letter or digit"
_PATTERN = re.compile(IDENTIFIER)
_VERSION_7 = 0x7 << 76 | 0x8 << 60
_CHANCE = ~(0xF << 76 | 0xC << 60)
"""All bits but those that say version and variant."""


def is_identifier(value: str) -> bool:
    """Whether `value` has the form of an identifier."""
    return _PATTERN.fullmatch(value) is not None


def new_request_id() -> str:
    """A UUID of version 7 (RFC 9562, section 5.7) as 32 hex digits: milliseconds since 1970, then chance.

    What follows in time follows in order, so that the decision log's index over request ids grows at its end. Ids in no
    order cost a page of it each, which is half of what SQLite has to do for a decision that comes with others.
    """
    value = time.time_ns() // 1_000_000 << 80 | int.from_bytes(os.urandom(10), "big")
    return f"{value & _CHANCE | _VERSION_7:032x}"
