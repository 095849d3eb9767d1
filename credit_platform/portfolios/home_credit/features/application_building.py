"""Features of the building the applicant lives in: 29 normalised measures, mostly unknown, and their summaries.

What is here: the part of the application features that comes from the building columns.
What to add here: row expressions over those columns.
What must not be here: anything else an applicant states.
"""

from __future__ import annotations

import narwhals as nw

from credit_platform.portfolios.feature_group import Feature, FeatureKind
from credit_platform.portfolios.home_credit.features.declare import flag, number, ratio

_MEASURES = {
    "APARTMENTS": ("apartments", "number of flats"),
    "BASEMENTAREA": ("basement_area", "area of the basement"),
    "YEARS_BEGINEXPLUATATION": ("years_in_use", "time the building is in use"),
    "YEARS_BUILD": ("years_built", "age of the building"),
    "COMMONAREA": ("common_area", "shared area"),
    "ELEVATORS": ("elevators", "number of lifts"),
    "ENTRANCES": ("entrances", "number of entrances"),
    "FLOORSMAX": ("floors_max", "highest floor"),
    "FLOORSMIN": ("floors_min", "lowest floor"),
    "LANDAREA": ("land_area", "area of the plot"),
    "LIVINGAPARTMENTS": ("living_apartments", "number of flats that are lived in"),
    "LIVINGAREA": ("living_area", "living area"),
    "NONLIVINGAPARTMENTS": ("other_apartments", "number of flats not lived in"),
    "NONLIVINGAREA": ("other_area", "area not lived in"),
}
_STATISTICS = {"AVG": ("mean", "Average"), "MODE": ("mode", "Most frequent")}
"""The medians in the table repeat the averages almost everywhere and are left out."""
_CATEGORIES = {
    "FONDKAPREMONT_MODE": ("repair_fund", "How repairs of the building are funded."),
    "HOUSETYPE_MODE": ("type", "Type of the building."),
    "WALLSMATERIAL_MODE": ("walls", "Material of the walls."),
}


def _known_count() -> nw.Expr:
    known = [flag(~nw.col(f"{column}_AVG").is_null()) for column in _MEASURES]
    total = known[0]
    for one in known[1:]:
        total = total + one
    return total


def _normalised(name: str, expression: nw.Expr, description: str) -> Feature:
    return Feature(
        name=f"application__building__{name}",
        expression=expression,
        description=description,
        reason="housing",
        unit="normalised",
        minimum=0.0,
        maximum=1.0,
    )


BUILDING_STEP = {"building_known": _known_count()}

BUILDING_FEATURES = (
    *(
        _normalised(
            f"{name}__{statistic}",
            number(f"{column}_{suffix}"),
            f"{label} {words} of the building the applicant lives in, scaled to 0..1.",
        )
        for column, (name, words) in _MEASURES.items()
        for suffix, (statistic, label) in _STATISTICS.items()
    ),
    _normalised("total_area__mode", number("TOTALAREA_MODE"), "Most frequent total area, scaled to 0..1."),
    *(
        Feature(
            name=f"application__building_{name}__category",
            expression=nw.col(column),
            description=description,
            reason="housing",
            kind=FeatureKind.CATEGORICAL,
        )
        for column, (name, description) in _CATEGORIES.items()
    ),
    Feature(
        name="application__building_emergency__flag",
        expression=flag(nw.col("EMERGENCYSTATE_MODE") == "Yes"),
        description="The building is in need of urgent repair.",
        reason="housing",
        minimum=0.0,
        maximum=1.0,
    ),
    Feature(
        name="application__building__known__count",
        expression=nw.col("building_known"),
        description="Number of measures of the building that are known, of 14.",
        reason="housing",
        unit="measures",
        minimum=0.0,
        maximum=14.0,
    ),
    Feature(
        name="application__building__living_to_total_area__ratio",
        expression=ratio(number("LIVINGAREA_MODE"), number("TOTALAREA_MODE")),
        description="Scaled living area against scaled total area.",
        reason="housing",
        unit="ratio",
        minimum=0.0,
    ),
)
