"""No sentence is false of somebody by their raw rows; one in the wrong place is found, in both portfolios."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl
import pytest

from credit_platform.features import build_features
from credit_platform.governance.reason_truth import ReasonTruth, check_reasons
from credit_platform.modelling.calibration import fit_platt
from credit_platform.modelling.candidates import get_candidate
from credit_platform.portfolios import get_claims, get_generator, get_portfolio
from credit_platform.portfolios.claims import Claims
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.reason import Reason, Wording
from credit_platform.scoring import Scorer
from credit_platform.values import POLARS_TYPES
from credit_platform_tests.small_scorer import raw_applications


@dataclass(frozen=True)
class World:
    """Raw tables, features of everybody, and a real scorer trained on them."""

    portfolio: Portfolio
    tables: Mapping[str, pl.LazyFrame]
    features: pl.DataFrame
    scorer: Scorer
    claims: Claims

    def check(self, reasons: tuple[Reason, ...] | None = None) -> ReasonTruth:
        """Hold the reasons, or others in their place, against the raw rows."""
        portfolio = self.portfolio if reasons is None else replace(self.portfolio, reasons=reasons)
        own = self.scorer
        scorer = Scorer(portfolio, own.fitted, own.calibrator, own.threshold)
        return check_reasons(scorer, self.features, self.tables, self.claims)


def make_world(name: str, tables: Mapping[str, pl.LazyFrame]) -> World:
    portfolio, claims = get_portfolio(name), get_claims(name)
    assert claims is not None
    features = build_features(portfolio, tables).collect().sort(portfolio.applicant_key)
    known = features.filter(pl.col(portfolio.target).is_not_null())
    y = known[portfolio.target].to_numpy().astype("int8")
    model = get_candidate("logistic_regression")
    fitted = model.fit(known, y, portfolio.features, model.default_params(), seed=7, threads=1)
    scorer = Scorer(portfolio, fitted, fit_platt(fitted.margin(known), y), portfolio.costs.break_even)
    return World(portfolio, tables, features, scorer, claims)


@pytest.fixture(scope="module")
def german() -> World:
    return make_world("german_credit", {"applications": raw_applications(get_portfolio("german_credit")).lazy()})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder, portfolio = tmp_path_factory.mktemp("raw"), get_portfolio("home_credit")
    get_generator("home_credit").generate(folder, scale=0.002, seed=3, drift=(), defects=(), progress=None)
    tables = {
        table.name: pl.read_csv(
            folder / table.file_name, schema={c.name: POLARS_TYPES[c.type]() for c in table.columns}
        ).lazy()
        for table in portfolio.tables
    }
    return make_world("home_credit", tables)


@pytest.fixture(params=["german", "home"])
def world(request: pytest.FixtureRequest) -> World:
    found: World = request.getfixturevalue(request.param)
    return found


def test_no_sentence_is_contradicted_by_anybodys_raw_rows(world: World) -> None:
    truth = world.check()
    assert truth.findings == []
    assert truth.contradicted == 0
    assert truth.applicants == world.features.height
    ways = 2 if world.scorer.history_tables else 1
    assert truth.answers == truth.applicants * ways * 2
    assert int(truth.table["said"].sum()) >= truth.answers


def test_all_thousand_shipped_loans_are_looked_at(german: World) -> None:
    assert german.check().applicants == 1000


def test_every_claim_belongs_to_a_sentence_and_both_its_texts_to_one_wording(world: World) -> None:
    said = {(w.en, w.fr) for reason in world.portfolio.reasons for w in reason.all_wordings}
    assert {(claim.en, claim.fr) for claim in world.claims.claims} <= said
    assert len({claim.en for claim in world.claims.claims}) == len(world.claims.claims)


def swapped(reason: Reason, one: int, other: int) -> Reason:
    """The family with two sentences in each other's place."""
    wordings = list(reason.wordings)
    first, second = wordings[one], wordings[other]
    wordings[one] = replace(first, fr=second.fr, en=second.en)
    wordings[other] = replace(second, fr=first.fr, en=first.en)
    return replace(reason, wordings=tuple(wordings))


def differ(world: World, a: Wording, b: Wording) -> bool:
    """Whether two sentences claim different things."""
    first, second = world.claims.claim_of(a.en), world.claims.claim_of(b.en)
    assert first is not None
    assert second is not None
    return a.en != b.en and (first.rule, first.speaks) != (second.rule, second.speaks)


def rounds(world: World) -> Iterator[list[tuple[Reason, int, int]]]:
    """Every two sentences of a family that differ in what they claim; one pair of each family at a time."""
    pairs = [
        [
            (reason, one, other)
            for one, other in itertools.combinations(range(len(reason.wordings)), 2)
            if differ(world, reason.wordings[one], reason.wordings[other])
        ]
        for reason in world.portfolio.reasons
    ]
    for together in itertools.zip_longest(*pairs):
        yield [pair for pair in together if pair is not None]


def test_two_sentences_in_each_others_place_are_found_wherever_that_is_false_of_somebody(world: World) -> None:
    """Each swap is found, unless nobody in the data fits either condition."""
    some = replace(world, features=world.features.gather_every(max(1, world.features.height // 250)))
    fitting = dict(some.check().table.select("text", "fitting").iter_rows())
    found = silent = 0
    for pairs in rounds(world):
        mutants = {reason.code: swapped(reason, one, other) for reason, one, other in pairs}
        findings = some.check(tuple(mutants.get(r.code, r) for r in world.portfolio.reasons)).findings
        for reason, one, other in pairs:
            if any(f"({reason.code})" in finding for finding in findings):
                found += 1
            else:
                silent += 1
                texts = reason.wordings[one].en, reason.wordings[other].en
                assert not all(fitting[text] for text in texts), texts
    assert found > silent
    assert found > 30


def test_a_wrong_condition_is_found(german: World) -> None:
    """What the old sentence did: it spoke of an account to whom has none."""
    account = german.portfolio.reason("checking_account")
    blind = replace(account, wordings=tuple(w for w in account.wordings if w.situation != "nothing_known"))
    wordings = tuple(replace(w, when=()) if "not overdrawn" in w.en else w for w in blind.wordings)
    reasons = tuple(
        replace(blind, wordings=wordings) if r.code == account.code else r for r in german.portfolio.reasons
    )
    findings = german.check(reasons).findings
    assert any("checking_account is not 0 to 200 DM or 200 DM or more" in finding for finding in findings)


def test_absence_is_not_claimed_of_whom_nobody_looked_up(home: World) -> None:
    """Without histories `We know of no ...` would be false of everybody who has some."""
    reasons = tuple(
        replace(r, wordings=tuple(w for w in r.wordings if w.situation != "not_looked_at"), source=None)
        for r in home.portfolio.reasons
    )
    assert any("We know of no earlier loan" in finding for finding in home.check(reasons).findings)


def test_a_sentence_without_a_claim_and_a_portfolio_without_claims_fail(german: World) -> None:
    first, *others = german.portfolio.reasons
    new = replace(first, favourable_en="We like you.")
    assert german.check((new, *others)).findings == ["'We like you.' (checking_account) has no claim in this family."]
    unclaimed = check_reasons(german.scorer, german.features, german.tables, None)
    assert len(unclaimed.findings) == unclaimed.table.select("text").n_unique()


def test_sentences_of_last_resort_on_the_wrong_side_are_found(world: World) -> None:
    some = replace(world, features=world.features.gather_every(max(1, world.features.height // 250)))
    fitting = dict(some.check().table.select("text", "fitting").iter_rows())
    turned = tuple(replace(r, adverse_en=r.favourable_en, favourable_en=r.adverse_en) for r in world.portfolio.reasons)
    findings = some.check(turned).findings
    for reason in world.portfolio.reasons:
        spoken = fitting[reason.adverse_en] + fitting[reason.favourable_en]
        assert any(f"({reason.code})" in finding for finding in findings) == bool(spoken), reason.code


def test_a_sentence_about_the_subject_of_another_family_is_found(world: World) -> None:
    """Sentences of two families that are true of the same people, in each other's place."""
    first, second, *others = world.portfolio.reasons[-2:] + world.portfolio.reasons[:-2]
    mixed = (
        replace(first, adverse_en=second.adverse_en, adverse_fr=second.adverse_fr),
        replace(second, adverse_en=first.adverse_en, adverse_fr=first.adverse_fr),
        *others,
    )
    some = replace(world, features=world.features.head(5))
    assert len(some.check(mixed).findings) == 4
    assert some.check(world.portfolio.reasons).findings == []
