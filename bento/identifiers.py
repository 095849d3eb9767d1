"""Identifiers that a client may choose: of a request, of an applicant.

What is here: their form and the check of it, free of heavy imports.
What to add here: the form of another identifier.
What must not be here: identifiers of fields or models; those come from the portfolio and the scorer.
"""

from __future__ import annotations

import re

IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
"""Short, and harmless in logs, headers and URLs."""
IDENTIFIER_IN_WORDS = "a text of 1 to 64 ASCII letters, digits and . _ : - that starts with a letter or digit"
_PATTERN = re.compile(IDENTIFIER)


def is_identifier(value: str) -> bool:
    """Whether `value` has the form of an identifier."""
    return _PATTERN.fullmatch(value) is not None
