"""The two application files of one chunk.

What is here: how an applicant's hidden quantities become the columns of an application.
What to add here: a relation between columns that the real files show and the generator misses.
What must not be here: histories.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from credit_platform.portfolios.home_credit.generator.building import building_columns
from credit_platform.portfolios.home_credit.generator.facts import (
    categories,
    flag_attenuation,
    normal_score,
    numeric_shape,
    ordered_categories,
    table_facts,
)
from credit_platform.portfolios.home_credit.generator.latent import Population, loading
from credit_platform.portfolios.home_credit.generator.sampling import (
    FloatArray,
    chance,
    correlated,
    frame,
    mixed,
    nulled,
    words,
)
from credit_platform.portfolios.home_credit.tables import APPLICATION_TEST, APPLICATION_TRAIN
from credit_platform.portfolios.home_credit.tables.column_kinds import UNKNOWN_DAY

TRAIN, TEST = "application_train", "application_test"
_ROUND = 22_500.0
"""Most incomes are multiples of it, the others of a fifth of it."""

Columns = dict[str, Any]

EXTERNAL_SCORES = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3")
_PLAIN_CATEGORIES = (
    "FLAG_OWN_REALTY",
    "NAME_TYPE_SUITE",
    "NAME_EDUCATION_TYPE",
    "NAME_HOUSING_TYPE",
    "WEEKDAY_APPR_PROCESS_START",
)
_PLAIN_FLAGS = ("FLAG_MOBIL", "FLAG_WORK_PHONE", "FLAG_CONT_MOBILE", "FLAG_PHONE", "FLAG_EMAIL")
_ENQUIRIES = tuple(f"AMT_REQ_CREDIT_BUREAU_{window}" for window in ("HOUR", "DAY", "WEEK", "MON", "QRT", "YEAR"))


class ApplicationWriter:
    """Draws the columns of one application file for the applicants of one chunk that belong to it."""

    def __init__(
        self, population: Population, table: str, rows: npt.NDArray[np.intp], rng: np.random.Generator
    ) -> None:
        """Take the applicants at `rows` of the population for the file `table`."""
        self.table, self.rng = table, rng
        self.facts = table_facts(table)
        self.learnt = table_facts(TRAIN)
        self.risk = population.risk[rows]
        self.age = population.age[rows]
        self.pensioner = population.pensioner[rows]
        self.appetite = population.appetite[rows]
        self.columns: Columns = {"SK_ID_CURR": population.applicant[rows], "TARGET": population.target[rows]}

    def frame(self) -> pl.DataFrame:
        """All columns, in the order of the file."""
        self._person()
        self._work()
        self._loan()
        self._place()
        self._scores()
        self._documents()
        self.columns.update(building_columns(self.table, self.risk, self.rng))
        order = (APPLICATION_TRAIN if self.table == TRAIN else APPLICATION_TEST).column_names
        return frame(self.columns, order)

    def _score(self, column: str, *, extra: float = 1.0) -> FloatArray:
        """Scores for a numeric column with the loading its correlation with the outcome asks for."""
        return correlated(self.rng, self.risk, loading(self.learnt[column].corr) * extra)

    def _numeric(self, column: str, score: FloatArray | None = None) -> FloatArray:
        return numeric_shape(self.table, column)(self._score(column) if score is None else score)

    def _missing(self, column: str) -> npt.NDArray[np.bool_]:
        return chance(self.rng, len(self.risk), self.facts[column].null)

    def _category(self, column: str, score: FloatArray | None = None) -> None:
        kinds = categories(self.table, column, TRAIN)
        if score is None:
            score = correlated(self.rng, self.risk, loading(kinds.correlation))
        null = self._missing(column) if self.facts[column].null else None
        self.columns[column] = words(kinds(score), kinds.names, null)

    def _counted(self, column: str, score: FloatArray) -> npt.NDArray[np.int64]:
        """Whole numbers with the shares of the facts' values; a higher score is a larger number."""
        shares = self.facts[column].shares
        names = sorted(shares, key=int)
        cuts = np.cumsum([shares[name] for name in names])[:-1]
        codes = np.searchsorted([normal_score(float(cut)) for cut in cuts], score)
        return np.asarray(np.array([int(name) for name in names])[codes])

    def _flag(self, column: str, score: FloatArray | None = None) -> npt.NDArray[np.int8]:
        share = self.facts[column].shares.get("1", 0.0)
        if not share:
            return np.zeros(len(self.risk), np.int8)
        drawn = self._score(column, extra=flag_attenuation(share)) if score is None else score
        return np.asarray(drawn > normal_score(1.0 - share)).astype(np.int8)

    def _person(self) -> None:
        c = self.columns
        gender = correlated(self.rng, self.risk, loading(0.055))
        self._category("CODE_GENDER", gender)
        car = mixed((0.75, -self._score("FLAG_OWN_CAR")), (0.6, gender))
        kinds = categories(self.table, "FLAG_OWN_CAR")
        owns = car > normal_score(1.0 - self.facts["FLAG_OWN_CAR"].shares["Y"])
        c["FLAG_OWN_CAR"] = words(owns.astype(np.int16), sorted(kinds.names))
        c["OWN_CAR_AGE"] = nulled(np.rint(self._numeric("OWN_CAR_AGE")), ~owns)
        children = correlated(self.rng, -self.age, 0.45)
        c["CNT_CHILDREN"] = self._counted("CNT_CHILDREN", children)
        family = categories(self.table, "NAME_FAMILY_STATUS", TRAIN)
        codes = family(mixed((0.85, correlated(self.rng, self.risk, loading(family.correlation))), (0.35, -self.age)))
        c["NAME_FAMILY_STATUS"] = words(codes, family.names)
        couple = np.isin(codes, [family.names.index("Married"), family.names.index("Civil marriage")])
        c["CNT_FAM_MEMBERS"] = 1.0 + c["CNT_CHILDREN"] + couple
        for column in _PLAIN_CATEGORIES:
            self._category(column)
        birth = np.rint(self._numeric("DAYS_BIRTH", -self.age))
        c["DAYS_BIRTH"] = birth.astype(np.int32)
        registered = np.rint(
            self._numeric("DAYS_REGISTRATION", mixed((1.0, self._score("DAYS_REGISTRATION")), (0.35, -self.age)))
        )
        c["DAYS_REGISTRATION"] = np.minimum(np.maximum(registered, birth), 0.0)
        issued = self._numeric("DAYS_ID_PUBLISH", mixed((1.0, self._score("DAYS_ID_PUBLISH")), (0.25, -self.age)))
        c["DAYS_ID_PUBLISH"] = np.rint(np.maximum(issued, birth)).astype(np.int32)
        c["DAYS_LAST_PHONE_CHANGE"] = np.rint(self._numeric("DAYS_LAST_PHONE_CHANGE"))
        for column in _PLAIN_FLAGS:
            c[column] = self._flag(column)

    def _work(self) -> None:
        c = self.columns
        c["NAME_INCOME_TYPE"] = self._split("NAME_INCOME_TYPE", ("Pensioner", "Unemployed"))
        c["ORGANIZATION_TYPE"] = self._split("ORGANIZATION_TYPE", ("XNA",))
        shares = self.facts["OCCUPATION_TYPE"].shares
        kinds = ordered_categories(shares, self.learnt["OCCUPATION_TYPE"].rates)
        retired = float(np.mean(self.pensioner)) if len(self.pensioner) else 0.0
        unknown = max(self.facts["OCCUPATION_TYPE"].null - retired, 0.0) / max(1.0 - retired, 1e-9)
        null = self.pensioner | chance(self.rng, len(self.risk), unknown)
        codes = kinds(correlated(self.rng, self.risk, loading(kinds.correlation)))
        c["OCCUPATION_TYPE"] = words(codes, kinds.names, null)
        seniority = mixed((0.9, correlated(self.rng, self.risk, 0.27)), (0.45, -self.age))
        working = seniority[~self.pensioner]
        if len(working) > 1:  # people at work are younger than all are, and their scores not quite standard
            seniority = (seniority - working.mean()) / working.std()
        shape = numeric_shape(self.table, "DAYS_EMPLOYED", self.facts["ORGANIZATION_TYPE"].shares["XNA"])
        oldest = np.minimum(c["DAYS_BIRTH"] + 16 * 365.25, 0.0)
        employed = np.minimum(np.maximum(np.rint(shape(seniority)), np.ceil(oldest)), 0.0)
        c["DAYS_EMPLOYED"] = np.where(self.pensioner, UNKNOWN_DAY, employed).astype(np.int32)
        c["FLAG_EMP_PHONE"] = (~self.pensioner).astype(np.int8)

    def _split(self, column: str, retired: tuple[str, ...]) -> pl.Series:
        """Categories of which those in `retired` go to pensioners and the rest to everybody else."""
        shares, rates = self.facts[column].shares, self.learnt[column].rates
        parts = {name: share for name, share in shares.items() if name in retired}
        others = {name: share for name, share in shares.items() if name not in retired}
        working = ordered_categories({k: v / sum(others.values()) for k, v in others.items()}, rates)
        pension = ordered_categories({k: v / sum(parts.values()) for k, v in parts.items()}, {})
        score = correlated(self.rng, self.risk, loading(working.correlation))
        at_work = working(score)
        resting = pension(self.rng.standard_normal(len(score))) + len(working.names)
        return words(np.where(self.pensioner, resting, at_work), working.names + pension.names)

    def _loan(self) -> None:
        c, rng = self.columns, self.rng
        limit = normal_score(1.0 - self.facts["NAME_CONTRACT_TYPE"].shares["Revolving loans"])
        revolving = correlated(rng, self.risk, loading(-0.04)) > limit
        c["NAME_CONTRACT_TYPE"] = words(revolving.astype(np.int16), ("Cash loans", "Revolving loans"))
        wealth = self._score("AMT_INCOME_TOTAL")
        income = self._numeric("AMT_INCOME_TOTAL", wealth)
        round_ones = chance(rng, len(income), 0.75)
        step = np.where(round_ones & (income > 3.0 * _ROUND), _ROUND, _ROUND / 5.0)
        c["AMT_INCOME_TOTAL"] = np.maximum(np.rint(income / step) * step, 25_650.0)
        size = mixed((0.9, self._score("AMT_GOODS_PRICE")), (0.4, wealth))
        goods = np.maximum(np.rint(self._numeric("AMT_GOODS_PRICE", size) / 4_500.0) * 4_500.0, 40_500.0)
        surcharge = mixed((0.98, size), (0.12, correlated(rng, self.risk, 0.3)))
        credit = np.rint(self._numeric("AMT_CREDIT", surcharge) * 2.0) / 2.0
        credit = np.maximum(np.where(revolving | chance(rng, len(goods), 0.3), goods, credit), 45_000.0)
        annuity = self._numeric(
            "AMT_ANNUITY", mixed((0.83, size), (0.3, wealth), (0.45, correlated(rng, self.risk, 0.1)))
        )
        annuity = np.where(revolving, credit * 0.05, np.clip(annuity, credit / 45.0, credit / 8.0))
        c["AMT_CREDIT"] = credit
        c["AMT_GOODS_PRICE"] = nulled(goods, self._missing("AMT_GOODS_PRICE"))
        c["AMT_ANNUITY"] = nulled(np.rint(annuity * 2.0) / 2.0, self._missing("AMT_ANNUITY"))
        hours = np.rint(self._numeric("HOUR_APPR_PROCESS_START"))
        c["HOUR_APPR_PROCESS_START"] = hours.astype(np.int8)

    def _place(self) -> None:
        c, rng, size = self.columns, self.rng, len(self.risk)
        rating = self._score("REGION_RATING_CLIENT", extra=1.25)
        c["REGION_RATING_CLIENT"] = self._counted("REGION_RATING_CLIENT", rating)
        c["REGION_RATING_CLIENT_W_CITY"] = self._counted(
            "REGION_RATING_CLIENT_W_CITY", mixed((0.985, rating), (0.17, rng.standard_normal(size)))
        )
        crowd = mixed((-0.55, rating), (0.83, rng.standard_normal(size)))
        c["REGION_POPULATION_RELATIVE"] = np.round(self._numeric("REGION_POPULATION_RELATIVE", crowd), 6)
        for place in ("REGION", "CITY"):
            away, apart, works = (
                f"REG_{place}_NOT_LIVE_{place}",
                f"LIVE_{place}_NOT_WORK_{place}",
                f"REG_{place}_NOT_WORK_{place}",
            )
            c[away] = self._flag(away)
            c[apart] = self._flag(apart) * ~self.pensioner
            # Registered elsewhere than the place of work: nearly everyone who lives elsewhere than one of the two.
            wanted = self.facts[works].shares["1"]
            reached = float(np.mean(c[apart])) * 0.95
            rest = max(wanted - reached, 0.0) / max(float(np.mean(c[away] & (1 - c[apart]))), 1e-9)
            odds = np.where(c[apart] == 1, 0.95, np.where(c[away] == 1, min(rest, 1.0), 0.0))
            c[works] = chance(rng, size, odds).astype(np.int8)

    def _scores(self) -> None:
        c, rng = self.columns, self.rng
        for column in EXTERNAL_SCORES:
            score = self._score(column)
            if column == "EXT_SOURCE_1":
                score = mixed((1.0, score), (0.6, self.age))
            values = self._numeric(column, score)
            c[column] = nulled(np.clip(values, 0.0, 0.99), self._missing(column))
        asked = self._missing(_ENQUIRIES[0])
        for column in _ENQUIRIES:
            score = self._score(column, extra=1.6)
            whole = self._counted(column, score) if self.facts[column].values else np.rint(self._numeric(column, score))
            c[column] = nulled(whole.astype(np.float64), asked)
        unseen = self._missing("OBS_30_CNT_SOCIAL_CIRCLE")
        circle = rng.standard_normal(len(self.risk))
        defaults = mixed((0.8, circle), (0.6, self._score("DEF_30_CNT_SOCIAL_CIRCLE", extra=1.6)))
        seen = np.rint(self._numeric("OBS_30_CNT_SOCIAL_CIRCLE", circle))
        late = np.minimum(self._counted("DEF_30_CNT_SOCIAL_CIRCLE", defaults), seen)
        later = np.minimum(self._counted("DEF_60_CNT_SOCIAL_CIRCLE", defaults), late)
        fewer = np.maximum(seen - chance(rng, len(seen), 0.015), np.maximum(later, 0.0))
        for name, values in (("OBS_30", seen), ("DEF_30", late), ("OBS_60", fewer), ("DEF_60", later)):
            c[f"{name}_CNT_SOCIAL_CIRCLE"] = nulled(values, unseen)

    def _documents(self) -> None:
        for number in range(2, 22):
            self.columns[f"FLAG_DOCUMENT_{number}"] = self._flag(f"FLAG_DOCUMENT_{number}")


def application_frames(population: Population) -> dict[str, pl.DataFrame]:
    """The rows of both application files for one chunk, in the order of the applicants."""
    frames = {}
    for table, chosen in ((TRAIN, ~population.scoring), (TEST, population.scoring)):
        rng = population.chunk.stream(table)
        frames[table] = ApplicationWriter(population, table, np.flatnonzero(chosen), rng).frame()
    return frames
