"""Columns of the application files about the building the applicant lives in.

What is here: 14 measures in three statistics each (average, mode, median), scaled to 0..1 by the source, and five more.
What to add here: a further measure of the building.
What must not be here: anything about the applicant.
"""

from __future__ import annotations

from credit_platform.portfolios.home_credit.tables import vocabulary as words
from credit_platform.portfolios.home_credit.tables.column_kinds import category, share

HOUSING_MEASURES = {
    "APARTMENTS": "size of the flats",
    "BASEMENTAREA": "area of the basement",
    "YEARS_BEGINEXPLUATATION": "years in use",
    "YEARS_BUILD": "age",
    "COMMONAREA": "area used in common",
    "ELEVATORS": "lifts",
    "ENTRANCES": "entrances",
    "FLOORSMAX": "floors, counted at most",
    "FLOORSMIN": "floors, counted at least",
    "LANDAREA": "area of the plot",
    "LIVINGAPARTMENTS": "size of the flats lived in",
    "LIVINGAREA": "area lived in",
    "NONLIVINGAPARTMENTS": "size of the flats not lived in",
    "NONLIVINGAREA": "area not lived in",
}
HOUSING_STATISTICS = {"AVG": "average", "MODE": "mode", "MEDI": "median"}

HOUSING_COLUMNS = (
    *(
        share(f"{stem}_{suffix}", f"Building of residence: {measure} ({statistic}, scaled).")
        for suffix, statistic in HOUSING_STATISTICS.items()
        for stem, measure in HOUSING_MEASURES.items()
    ),
    category(
        "FONDKAPREMONT_MODE",
        "Building of residence: account that its repair fund is kept on.",
        words.REPAIR_FUNDS,
        nullable=True,
    ),
    category("HOUSETYPE_MODE", "Building of residence: kind of house.", words.HOUSE_TYPES, nullable=True),
    share("TOTALAREA_MODE", "Building of residence: total area (mode, scaled)."),
    category("WALLSMATERIAL_MODE", "Building of residence: material of the walls.", words.WALLS, nullable=True),
    category("EMERGENCYSTATE_MODE", "Building of residence: declared unsafe or not.", ("No", "Yes"), nullable=True),
)
