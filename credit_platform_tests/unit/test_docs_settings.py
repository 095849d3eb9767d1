"""The table of settings in the docs knows every setting, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from credit_platform.settings import Settings

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
ROW = re.compile(r"^\| `(CREDIT_PLATFORM_\w+)` \| (.+?) \|", re.MULTILINE)


def documented() -> dict[str, str]:
    """Variable to default, as the table of operations.md has them."""
    return dict(ROW.findall(OPERATIONS.read_text(encoding="utf-8")))


def test_every_setting_is_in_the_table_and_no_other() -> None:
    fields = {f"CREDIT_PLATFORM_{name.upper()}" for name in Settings.model_fields}
    assert set(documented()) == fields


def test_plain_defaults_are_those_of_the_code() -> None:
    table = documented()
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if default is not None:  # None stands for a default that is worked out later
            assert table[f"CREDIT_PLATFORM_{name.upper()}"].strip("`") == str(default), name


def test_worked_out_defaults_are_those_of_the_code() -> None:
    table = documented()
    quick, full = Settings(profile="quick", tuning_trials=None), Settings(profile="full", tuning_trials=None)
    assert table["CREDIT_PLATFORM_TUNING_TRIALS"] == f"{quick.trials} (`quick`), {full.trials} (`full`)"
