"""Are the reasons that applicants get true of them? Counted on real answers, against the raw rows.

What is here: `check_reasons`, which lets a scorer answer and holds each sentence against its claim.
What to add here: another way in which answers differ, beside histories looked at or not.
What must not be here: claims (`portfolios/<name>/claims.py`), and the conditions under which a scorer says a sentence
(`portfolios/<name>/reasons.py`): this module knows neither features nor conditions, so that a wrong condition shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import polars as pl

from credit_platform.features import build_features
from credit_platform.governance.raw_rows import require_applications
from credit_platform.governance.records import ReasonsRecord
from credit_platform.portfolios.claims import LOOKED_AT, Claim, Claims
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import DataUsed, Decision, Language, Scorer
from credit_platform.values import POLARS_TYPES

MOST_APPLICANTS = 2_000
"""Of either part, holdout and scoring applicants, so many are asked at most: a fixed sample, by hash of their key."""
_AGAINST = "against"
"""Column: whether a sentence is a reason against the loan."""
_SCHEMA: dict[str, type[pl.DataType]] = {
    "language": pl.String,
    "code": pl.String,
    "text": pl.String,
    "said": pl.Int64,
    "contradicted": pl.Int64,
    "fitting": pl.Int64,
    "fitting_false": pl.Int64,
    "listed": pl.Boolean,
    "rule": pl.String,
}


@dataclass(frozen=True, kw_only=True)
class ReasonTruth:
    """What came of holding reasons against raw rows."""

    applicants: int
    """Applicants who were asked about."""
    answers: int
    """Answers looked at: each applicant in each language, with and (where there are any) without histories."""
    table: pl.DataFrame
    """A row per language and sentence of the scorer: code, text; in how many answers it was `said` and `contradicted`
    by the raw rows; how often it is what its family would say on a side, whatever the score (`fitting`), and is then
    false (`fitting_false`); whether its claim is listed for its family, and the rule by which it is false."""

    @property
    def contradicted(self) -> int:
        """Answers with a sentence that is not true, counted once per sentence."""
        return int(self.table["contradicted"].sum())

    @property
    def findings(self) -> list[str]:
        """A sentence per text that was contradicted, or would be in another answer, or whose claim nobody declared."""
        false = [
            f"{row['text']!r} ({row['code']}) was said in {row['said']} answers and false in {row['contradicted']}; it "
            f"would be said in {row['fitting']} cases and false in {row['fitting_false']}: {row['rule']}."
            for row in self.table.filter((pl.col("contradicted") > 0) | (pl.col("fitting_false") > 0)).to_dicts()
        ]
        unlisted = self.table.filter(~pl.col("listed")).select("text", "code").unique(maintain_order=True)
        return false + [f"{text!r} ({code}) has no claim in this family." for text, code in unlisted.iter_rows()]

    @property
    def never_said(self) -> int:
        """Sentences, in English, that nobody was told."""
        return self.table.filter((pl.col("language") == "en") & (pl.col("said") == 0)).height

    def record(self, digest: str, data_hash: str) -> ReasonsRecord:
        """What to store beside the table: of the scorer of this digest, and the feature table of this content."""
        return ReasonsRecord(
            digest=digest,
            data_hash=data_hash,
            applicants=self.applicants,
            answers=self.answers,
            contradicted=self.contradicted,
            findings=tuple(self.findings),
            sentences=self.table.filter(pl.col("language") == "en").height,
            never_said=self.never_said,
        )


def check_reasons(
    scorer: Scorer,
    features: pl.DataFrame,
    tables: Mapping[str, pl.LazyFrame],
    claims: Claims | None,
) -> ReasonTruth:
    """Let `scorer` answer about applicants and count the sentences that their raw rows contradict.

    Args:
        scorer: what answers.
        features: rows of the feature table of the applicants to ask about.
        tables: raw tables by name.
        claims: of the scorer's portfolio; without them every sentence counts as unlisted.

    Raises:
        FeatureError: an applicant has no raw row, so that nothing could contradict what is said to them.
    """
    portfolio = scorer.portfolio
    require_applications(portfolio, features[portfolio.applicant_key], tables)
    keys = features.select(portfolio.applicant_key)
    ways = [(features, True)]
    if scorer.history_tables:
        ways.append((features_without_histories(portfolio, tables, keys), False))
    answers = pl.concat([_said(scorer, frame, looked_at=looked_at) for frame, looked_at in ways])
    fitting = pl.concat([_fitting(scorer, frame, looked_at=looked_at) for frame, looked_at in ways])
    texts = {text for reason in scorer.words.reasons for one in reason.all_wordings for text in (one.fr, one.en)}
    false = _false_of(tables, keys, claims, sorted(texts))
    key = portfolio.applicant_key
    return ReasonTruth(
        applicants=features.height,
        answers=answers.select(key, "language", LOOKED_AT).n_unique(),
        table=_table(
            scorer,
            [
                Counter(answers["text"].to_list()),
                _contradictions(answers, false, key),
                Counter(fitting["text"].to_list()),
                _contradictions(fitting, false, key),
            ],
            claims,
        ),
    )


def features_without_histories(
    portfolio: Portfolio, tables: Mapping[str, pl.LazyFrame], keys: pl.DataFrame
) -> pl.DataFrame:
    """Features of applicants as they are when only the application is given."""
    applications = {portfolio.training_table, portfolio.scoring_table}
    given = {
        table.name: tables[table.name].join(keys.lazy(), on=portfolio.applicant_key, how="semi")
        if table.name in applications
        else pl.LazyFrame(schema={column.name: POLARS_TYPES[column.type]() for column in table.columns})
        for table in portfolio.tables
    }
    return build_features(portfolio, given).collect().sort(portfolio.applicant_key)


def _said(scorer: Scorer, features: pl.DataFrame, *, looked_at: bool) -> pl.DataFrame:
    """Every sentence of every answer: applicant key, language, side, text, whether histories were looked at."""
    used = DataUsed(histories=scorer.history_tables if looked_at else ())
    key = features[scorer.portfolio.applicant_key]
    margins = scorer.margins(features)
    languages: tuple[Language, ...] = get_args(Language)
    parts = [
        _sentences(key, scorer.decide(margins, scorer.cases_of(features, language, used))).with_columns(
            language=pl.lit(language), **{LOOKED_AT: pl.lit(looked_at)}
        )
        for language in languages
    ]
    return pl.concat(parts)


def _sentences(key: pl.Series, decisions: list[Decision]) -> pl.DataFrame:
    rows = [
        (applicant, decision.decision != "accepted", reason.text)
        for applicant, decision in zip(key.to_list(), decisions, strict=True)
        for reason in decision.reasons
    ]
    return pl.DataFrame(rows, schema={key.name: key.dtype, _AGAINST: pl.Boolean, "text": pl.String}, orient="row")


def _fitting(scorer: Scorer, features: pl.DataFrame, *, looked_at: bool) -> pl.DataFrame:
    """What every family would say of every applicant on either side: another model, or another day, says these."""
    used = DataUsed(histories=scorer.history_tables if looked_at else ())
    key = features[scorer.portfolio.applicant_key]
    rows = [
        (applicant, against, text)
        for applicant, case in zip(key.to_list(), scorer.cases_of(features, used=used), strict=True)
        for against, wording in scorer.reasons.possible(case.value_of, case.used)
        for text in (wording.fr, wording.en)
    ]
    frame = pl.DataFrame(rows, schema={key.name: key.dtype, _AGAINST: pl.Boolean, "text": pl.String}, orient="row")
    return frame.with_columns(pl.lit(looked_at).alias(LOOKED_AT))


def _false_of(
    tables: Mapping[str, pl.LazyFrame], keys: pl.DataFrame, claims: Claims | None, texts: Iterable[str]
) -> pl.DataFrame | None:
    """Which sentences are false of whom, by key, histories looked at or not, side and text; None without claims."""
    if claims is None:
        return None
    (key,) = keys.columns
    cases = pl.DataFrame({LOOKED_AT: [True, False]}).join(pl.DataFrame({_AGAINST: [True, False]}), how="cross")
    # An applicant who is in no raw table has nulls, and what the raw rows do not say cannot bear a sentence out.
    facts = keys.join(claims.facts(tables, keys.lazy()).collect(), on=key, how="left").join(cases, how="cross")
    known = {text: claim for text in texts if (claim := claims.claim_of(text)) is not None}
    index = [key, LOOKED_AT, _AGAINST]
    wide = facts.select(*index, *(_is_false(claim).alias(text) for text, claim in known.items()))
    return wide.unpivot(index=index, variable_name="text", value_name="false").filter("false").drop("false")


def _is_false(claim: Claim) -> pl.Expr:
    contradicted = claim.contradicted.fill_null(value=True)
    if claim.speaks is None:
        return contradicted
    return contradicted | (pl.col(_AGAINST) != (claim.speaks == "against"))


def _rule(claim: Claim) -> str:
    """When a sentence is false, in words."""
    other = {"for": ", or it is given as a reason against the loan", "against": ", or as a reason for the loan"}
    return claim.rule + ("" if claim.speaks is None else other[claim.speaks])


def _contradictions(said: pl.DataFrame, false: pl.DataFrame | None, key: str) -> Counter[str]:
    """How often each sentence was said to somebody of whom it is false."""
    if false is None:
        return Counter()
    return Counter(said.join(false, on=[key, LOOKED_AT, _AGAINST, "text"], how="semi")["text"].to_list())


def _table(scorer: Scorer, counts: Sequence[Counter[str]], claims: Claims | None) -> pl.DataFrame:
    said, contradicted, fitting, fitting_false = counts
    texts = {
        (language, text): reason.code
        for reason in scorer.words.reasons
        for wording in reason.all_wordings
        for language, text in (("fr", wording.fr), ("en", wording.en))
    }
    claim_of = {
        text: None if claims is None or claims.of_another(code, text) else claims.claim_of(text)
        for (_, text), code in texts.items()
    }
    rows = [
        {
            "language": language,
            "code": code,
            "text": text,
            "said": said[text],
            "contradicted": contradicted[text],
            "fitting": fitting[text],
            "fitting_false": fitting_false[text],
            "listed": (claim := claim_of[text]) is not None,
            "rule": "" if claim is None else _rule(claim),
        }
        for (language, text), code in texts.items()
    ]
    return pl.DataFrame(rows, schema=_SCHEMA)
