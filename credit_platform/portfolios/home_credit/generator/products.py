"""Words of an earlier application: product, channel, goods, shop.

What is here: the categorical columns of `previous_application.csv` that follow from the kind of contract.
What to add here: a further such column.
What must not be here: amounts, days, decisions.

The shares by kind of contract split the published overall shares; together they add up to those.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.portfolios.home_credit.generator.facts import numeric_shape, ordered_categories, table_facts
from credit_platform.portfolios.home_credit.generator.sampling import FloatArray, chance, correlated, pick, words

TABLE = "previous_application"
_CASH, _CONSUMER, _REVOLVING, _OTHER = range(4)

_CHANNELS = {
    _CASH: {
        "Credit and cash offices": 0.84,
        "Contact center": 0.085,
        "AP+ (Cash loan)": 0.060,
        "Channel of corporate sales": 0.004,
        "Country-wide": 0.011,
    },
    _CONSUMER: {
        "Country-wide": 0.530,
        "Stone": 0.285,
        "Regional / Local": 0.146,
        "Credit and cash offices": 0.035,
        "Channel of corporate sales": 0.0036,
        "Car dealer": 0.0004,
    },
    _REVOLVING: {
        "Credit and cash offices": 0.42,
        "Country-wide": 0.51,
        "Contact center": 0.05,
        "AP+ (Cash loan)": 0.02,
    },
}
_GOODS_GROUPS = {
    "mobile": ("Mobile",),
    "household": ("Consumer Electronics", "Computers", "Audio/Video", "Photo / Cinema Equipment"),
    "industry": ("Furniture", "Construction Materials", "Clothing and Accessories", "Jewelry", "Gardening"),
}
_WITHOUT_INTEREST = {"household": 0.23, "mobile": 0.11, "industry": 0.106, "other": 0.085}
_CONSUMER_YIELDS = {"middle": 0.372, "high": 0.39, "low_normal": 0.238}
_CASH_LEVELS = {
    "Cash X-Sell: low": 0.077,
    "Cash X-Sell: middle": 0.0866,
    "Cash X-Sell: high": 0.0364,
    "Cash Street: low": 0.0206,
    "Cash Street: middle": 0.020,
    "Cash Street: high": 0.0349,
}
_LEVEL_YIELD = {"low": "low_normal", "middle": "middle", "high": "high"}
_INDUSTRY_OF_GROUP = {
    "mobile": {"Connectivity": 0.86, "Consumer electronics": 0.14},
    "household": {"Consumer electronics": 0.79, "Connectivity": 0.18, "MLM partners": 0.005, "XNA": 0.025},
    "industry": {"Furniture": 0.47, "Construction": 0.24, "Clothing": 0.21, "Jewelry": 0.03, "Industry": 0.05},
    "other": {"Industry": 0.60, "Auto technology": 0.21, "Construction": 0.14, "Tourism": 0.02, "Jewelry": 0.03},
}

BoolArray = npt.NDArray[np.bool_]


class _Texts:
    """A text column filled part by part."""

    def __init__(self, size: int, default: str) -> None:
        self.names: list[str] = [default]
        self.codes = np.zeros(size, dtype=np.int16)

    def fill(self, rows: npt.NDArray[Any], codes: npt.NDArray[Any], names: tuple[str, ...]) -> None:
        """Write `names[codes]` at `rows` (indices or mask)."""
        self.codes[rows] = codes + len(self.names)
        self.names.extend(names)

    def draw(self, rng: np.random.Generator, rows: BoolArray, shares: Mapping[str, float]) -> None:
        """Write independent draws at the rows where `rows` is true."""
        self.fill(rows, pick(rng, int(rows.sum()), shares), tuple(shares))

    def series(self, null: BoolArray | None = None) -> pl.Series:
        """The column."""
        return words(self.codes, self.names, null)


def product_columns(
    rng: np.random.Generator, *, kind: npt.NDArray[Any], blank: BoolArray, first: BoolArray, risk: FloatArray
) -> dict[str, Any]:
    """Columns for applications of these kinds; `blank` ones ended before terms were agreed, `first` are first ones."""
    columns: dict[str, Any] = {}
    group = _goods(rng, columns, kind)
    _products(rng, columns, kind=kind, blank=blank, group=group, risk=risk)
    _circumstances(rng, columns, kind, blank, first)
    return columns


def _goods(rng: np.random.Generator, columns: dict[str, Any], kind: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Goods and shop; returns the goods group of each row as a code into `_WITHOUT_INTEREST`."""
    size = len(kind)
    consumer = kind == _CONSUMER
    shares = {name: share for name, share in table_facts(TABLE)["NAME_GOODS_CATEGORY"].values.items() if name != "XNA"}
    goods = _Texts(size, "XNA")
    goods.draw(rng, consumer, shares)
    groups = tuple(_WITHOUT_INTEREST)
    lookup = {name: groups.index(group) for group, names in _GOODS_GROUPS.items() for name in names}
    group = np.array([lookup.get(name, groups.index("other")) for name in goods.names])[goods.codes]
    industry = _Texts(size, "XNA")
    for code, name in enumerate(groups):
        industry.draw(rng, consumer & (group == code), _INDUSTRY_OF_GROUP[name])
    industry.draw(
        rng, (kind == _REVOLVING) & chance(rng, size, 0.42), {"Consumer electronics": 0.7, "Connectivity": 0.3}
    )
    columns["NAME_GOODS_CATEGORY"] = goods.series()
    columns["NAME_SELLER_INDUSTRY"] = industry.series()
    place = np.where(consumer, 0.58 + 0.42 * rng.random(size), 0.58 * rng.random(size))
    score = np.log(np.maximum(place, 1e-9) / np.maximum(1.0 - place, 1e-9)) / 1.702
    columns["SELLERPLACE_AREA"] = np.rint(numeric_shape(TABLE, "SELLERPLACE_AREA")(score)).astype(np.int32)
    return group


def _products(
    rng: np.random.Generator,
    columns: dict[str, Any],
    *,
    kind: npt.NDArray[Any],
    blank: BoolArray,
    group: npt.NDArray[Any],
    risk: FloatArray,
) -> None:
    size = len(kind)
    cash, card, consumer = kind == _CASH, kind == _REVOLVING, kind == _CONSUMER
    combination, grade = _Texts(size, "Cash"), _Texts(size, "XNA")
    product, family = _Texts(size, "XNA"), _Texts(size, "XNA")
    rates = table_facts(TABLE)["PRODUCT_COMBINATION"].rates
    total = sum(_CASH_LEVELS.values())
    levels = ordered_categories({name: share / total for name, share in _CASH_LEVELS.items()}, rates)
    agreed = np.flatnonzero(cash & ~blank)
    code = levels(correlated(rng, risk[agreed], 0.25))
    combination.fill(agreed, code, levels.names)
    grade.fill(agreed, code, tuple(_LEVEL_YIELD[name.rsplit(" ", 1)[1]] for name in levels.names))
    product.fill(agreed, code, tuple("x-sell" if "X-Sell" in name else "walk-in" for name in levels.names))
    free = consumer & chance(rng, size, np.array(list(_WITHOUT_INTEREST.values()))[group])
    for taken, names in (
        (consumer & ~free, tuple(f"POS {name} with interest" for name in _WITHOUT_INTEREST)),
        (
            free,
            (*(f"POS {name} without interest" for name in list(_WITHOUT_INTEREST)[:3]), "POS others without interest"),
        ),
    ):
        combination.fill(taken, group[taken], names)
    grade.draw(rng, consumer & ~free & ~blank, _CONSUMER_YIELDS)
    grade.draw(rng, free & ~blank, {"low_action": 0.77, "low_normal": 0.23})
    combination.draw(rng, card, {"Card Street": 0.57, "Card X-Sell": 0.43})
    product.draw(rng, card & ~blank, {"x-sell": 0.85, "walk-in": 0.15})
    for taken, name in ((cash, "Cash"), (card, "Cards"), (consumer, "POS")):
        family.fill(taken & ~blank, np.zeros(int((taken & ~blank).sum()), dtype=np.int16), (name,))
    family.draw(rng, consumer & ~blank & chance(rng, size, 0.0005), {"Cars": 1.0})
    columns["PRODUCT_COMBINATION"] = combination.series(kind == _OTHER)
    columns["NAME_YIELD_GROUP"] = grade.series()
    columns["NAME_PRODUCT_TYPE"] = product.series()
    columns["NAME_PORTFOLIO"] = family.series()


def _circumstances(
    rng: np.random.Generator, columns: dict[str, Any], kind: npt.NDArray[Any], blank: BoolArray, first: BoolArray
) -> None:
    size = len(kind)
    facts = table_facts(TABLE)
    cash = kind == _CASH
    purpose = _Texts(size, "XAP")
    purposes = {name: share for name, share in facts["NAME_CASH_LOAN_PURPOSE"].values.items() if name != "XAP"}
    purpose.draw(rng, cash, purposes)
    channel = _Texts(size, "Credit and cash offices")
    for code, shares in _CHANNELS.items():
        channel.draw(rng, kind == code, shares)
    payment = _Texts(size, "XNA")
    pays = ~blank & (kind != _REVOLVING) & chance(rng, size, np.where(cash, 0.86, 0.93))
    payments = {name: share for name, share in facts["NAME_PAYMENT_TYPE"].values.items() if name != "XNA"}
    payment.draw(rng, pays, payments)
    customer = _Texts(size, "Repeater")
    new = first & chance(rng, size, 0.86)
    customer.draw(rng, new, {"New": 1.0})
    customer.draw(rng, ~new & chance(rng, size, 0.10), {"Refreshed": 0.987, "XNA": 0.013})
    suite = facts["NAME_TYPE_SUITE"]
    alone = _Texts(size, "Unaccompanied")
    alone.draw(rng, np.ones(size, dtype=bool), suite.shares)
    weekdays = facts["WEEKDAY_APPR_PROCESS_START"].shares
    columns["NAME_CASH_LOAN_PURPOSE"] = purpose.series()
    columns["CHANNEL_TYPE"] = channel.series()
    columns["NAME_PAYMENT_TYPE"] = payment.series()
    columns["NAME_CLIENT_TYPE"] = customer.series()
    columns["NAME_TYPE_SUITE"] = alone.series(chance(rng, size, np.where(kind == _CONSUMER, 0.24, 0.675)))
    columns["WEEKDAY_APPR_PROCESS_START"] = words(pick(rng, size, weekdays), tuple(weekdays))
    hours = numeric_shape(TABLE, "HOUR_APPR_PROCESS_START")(rng.standard_normal(size))
    columns["HOUR_APPR_PROCESS_START"] = np.rint(hours).astype(np.int8)
    columns["FLAG_LAST_APPL_PER_CONTRACT"] = words(chance(rng, size, 0.0042).astype(np.int16), ("Y", "N"))
    columns["NFLAG_LAST_APPL_IN_DAY"] = chance(rng, size, 0.9967).astype(np.int8)
