"""Which optional fields of an application belong together, where there are too many for one list.

What is here: the sections of each portfolio, in the order in which a loan officer meets them.
What to add here: the sections of a portfolio with many optional fields.
What must not be here: words (`texts/`: each section has a text `group_<key>`), widgets, what is required.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from credit_platform.console.form import Field

OTHER: Final = "other"
_SECTIONS: Final[Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]] = {
    "home_credit": (
        ("scores", ("EXT_SOURCE_", "AMT_REQ_CREDIT_BUREAU_")),
        (
            "household",
            ("CNT_", "NAME_HOUSING_TYPE", "FLAG_OWN_", "OWN_CAR_AGE", "NAME_TYPE_SUITE", "WEEKDAY_", "HOUR_"),
        ),
        ("work", ("OCCUPATION_TYPE", "ORGANIZATION_TYPE", "FLAG_EMP_PHONE", "FLAG_WORK_PHONE")),
        (
            "address",
            ("REGION_", "REG_", "LIVE_", "DAYS_", "FLAG_MOBIL", "FLAG_CONT_MOBILE", "FLAG_PHONE", "FLAG_EMAIL"),
        ),
        ("circle", ("OBS_", "DEF_")),
        ("documents", ("FLAG_DOCUMENT_",)),
        ("building", ("",)),
    ),
}
"""Portfolio to its sections: a key, and how the names of its fields begin; a field is in the first that fits."""


def sections_of(portfolio: str, fields: Sequence[Field]) -> list[tuple[str, list[Field]]]:
    """Fields of a portfolio by section, in order; all in the section `OTHER` where the portfolio has none."""
    declared = _SECTIONS.get(portfolio, ((OTHER, ("",)),))
    found: dict[str, list[Field]] = {key: [] for key, _ in declared}
    for field in fields:
        key = next(key for key, beginnings in declared if field.name.startswith(beginnings))
        found[key].append(field)
    return [(key, members) for key, members in found.items() if members]
