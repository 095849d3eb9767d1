"""French as it is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from credit_platform.console.texts import fr, words_fr
from credit_platform.console.texts.typography import french, french_words


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        (
            "L'accord n'est pas : « {name} » ; pourquoi ?",
            "L\u2019accord n\u2019est pas\u00a0: «\u00a0{name}\u00a0»\u202f; pourquoi\u202f?",
        ),
        ("Il faut `credit-platform run 'a' ; b` d'abord", "Il faut `credit-platform run 'a' ; b` d\u2019abord"),
        ("d'{field:.1f} %", "d\u2019{field:.1f}\u00a0%"),
        ("à 12:30 : ici", "à 12:30\u00a0: ici"),
        ("Et si …", "Et si\u00a0…"),
    ],
)
def test_apostrophes_and_spaces(typed: str, printed: str) -> None:
    assert french(typed) == printed
    assert french(printed) == printed


def texts_in(table: Mapping[Any, Any]) -> Iterator[str]:
    for value in table.values():
        yield from texts_in(value) if isinstance(value, Mapping) else [value]


def test_every_text_of_the_console_is_printed_so() -> None:
    tables = [fr.TEXTS, words_fr.FIELDS, words_fr.VALUES, words_fr.UNITS, words_fr.FAMILIES]
    for table in tables:
        for text in texts_in(french_words(table)):
            said = re.sub(r"`[^`]*`", "", text)
            assert "'" not in said
            assert re.search(r" [;:!?%»]|« ", said) is None, said
