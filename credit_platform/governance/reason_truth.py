"""Are the reasons that applicants get true of them? Counted on real answers, against the raw rows.

What is here: `check_reasons`, which lets a scorer answer and holds each sentence against its claim.
What to add here: another way in which answers differ, beside histories looked at or not.
What must not be here: claims (`portfolios/<name>/claims.py`), and the conditions under which a scorer says a sentence
(`portfolios/<name>/reasons.py`): this module knows neither features nor conditions, so that a wrong condition shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from credit_platform.features import build_features
from credit_platform.features.reading import POLARS_DTYPES
from credit_platform.portfolios.claims import LOOKED_AT, Claims
from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.scoring import DataUsed, Decision, Scorer

MOST_APPLICANTS = 2_000
"""Of either part, holdout and scoring applicants, so many are asked at most: a fixed sample, by hash of their key."""
_SCHEMA: dict[str, type[pl.DataType]] = {
    "language": pl.String,
    "code": pl.String,
    "text": pl.String,
    "said": pl.Int64,
    "contradicted": pl.Int64,
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
    """A row per language and sentence of the scorer: code, text, how often it was said, in how many answers the raw
    rows contradict it, whether its claim is listed, and the rule by which it is false."""

    @property
    def contradicted(self) -> int:
        """Answers with a sentence that is not true, counted once per sentence."""
        return int(self.table["contradicted"].sum())

    @property
    def findings(self) -> list[str]:
        """A sentence per text that was contradicted, or whose claim nobody declared."""
        false = [
            f"{row['text']!r} ({row['code']}) was said in {row['said']} answers and false in {row['contradicted']}: "
            f"{row['rule']}."
            for row in self.table.filter(pl.col("contradicted") > 0).iter_rows(named=True)
        ]
        unlisted = self.table.filter(~pl.col("listed")).select("text", "code").unique(maintain_order=True)
        return false + [f"{text!r} ({code}) has no claim." for text, code in unlisted.iter_rows()]

    @property
    def never_said(self) -> int:
        """Sentences, in English, that nobody was told."""
        return self.table.filter((pl.col("language") == "en") & (pl.col("said") == 0)).height


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
    """
    portfolio = scorer.portfolio
    keys = features.select(portfolio.applicant_key)
    said: list[pl.DataFrame] = [_said(scorer, features, looked_at=True)]
    if scorer.history_tables:
        said.append(_said(scorer, features_without_histories(portfolio, tables, keys), looked_at=False))
    answers = pl.concat(said)
    counts = _contradictions(answers, tables, keys, claims, portfolio.applicant_key)
    return ReasonTruth(
        applicants=features.height,
        answers=answers.select(portfolio.applicant_key, "language", LOOKED_AT).n_unique(),
        table=_table(scorer, answers, counts, claims),
    )


def features_without_histories(
    portfolio: Portfolio, tables: Mapping[str, pl.LazyFrame], keys: pl.DataFrame
) -> pl.DataFrame:
    """Features of applicants as they are when only the application is given."""
    applications = {portfolio.training_table, portfolio.scoring_table}
    given = {
        table.name: tables[table.name].join(keys.lazy(), on=portfolio.applicant_key, how="semi")
        if table.name in applications
        else pl.LazyFrame(schema={column.name: POLARS_DTYPES[column.type]() for column in table.columns})
        for table in portfolio.tables
    }
    return build_features(portfolio, given).collect().sort(portfolio.applicant_key)


def _said(scorer: Scorer, features: pl.DataFrame, *, looked_at: bool) -> pl.DataFrame:
    """Every sentence of every answer: applicant key, language, code, text, whether histories were looked at."""
    used = DataUsed(histories=scorer.history_tables if looked_at else ())
    key = features[scorer.portfolio.applicant_key]
    parts = [
        _sentences(key, decisions).with_columns(language=pl.lit(language), **{LOOKED_AT: pl.lit(looked_at)})
        for language, decisions in scorer.decide_in_both_languages(features, used=used).items()
    ]
    return pl.concat(parts)


def _sentences(key: pl.Series, decisions: list[Decision]) -> pl.DataFrame:
    rows = [
        (applicant, reason.code, reason.text)
        for applicant, decision in zip(key.to_list(), decisions, strict=True)
        for reason in decision.reasons
    ]
    return pl.DataFrame(rows, schema={key.name: key.dtype, "code": pl.String, "text": pl.String}, orient="row")


def _contradictions(
    answers: pl.DataFrame, tables: Mapping[str, pl.LazyFrame], keys: pl.DataFrame, claims: Claims | None, key: str
) -> Counter[str]:
    """In how many answers each sentence is false."""
    if claims is None:
        return Counter()
    facts = claims.facts(tables, keys.lazy()).collect()
    known, counts = claims.by_text(), Counter[str]()
    for (text,), group in answers.select(key, "text", LOOKED_AT).group_by("text"):
        claim = known.get(str(text))
        if claim is not None:
            # What the raw rows do not say cannot bear a sentence out: null counts as contradicted. So does an
            # applicant who is in no raw table.
            of_them = group.join(facts, on=key, how="left")
            counts[str(text)] = int(of_them.select(claim.contradicted.fill_null(value=True).sum()).item())
    return counts


def _table(scorer: Scorer, answers: pl.DataFrame, counts: Counter[str], claims: Claims | None) -> pl.DataFrame:
    said = Counter(answers["text"].to_list())
    known = {} if claims is None else claims.by_text()
    texts = {
        (language, text): reason.code
        for reason in scorer.words.reasons
        for wording in reason.all_wordings
        for language, text in (("fr", wording.fr), ("en", wording.en))
    }
    rows = [
        {
            "language": language,
            "code": code,
            "text": text,
            "said": said[text],
            "contradicted": counts[text],
            "listed": text in known or (claims is not None and claims.is_claimless(text)),
            "rule": known[text].rule if text in known else "",
        }
        for (language, text), code in texts.items()
    ]
    return pl.DataFrame(rows, schema=_SCHEMA)
