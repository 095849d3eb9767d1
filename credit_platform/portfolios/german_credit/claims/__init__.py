"""What the sentences of `reasons/` claim, in terms of the raw table.

What is here: each sentence by its very text, and when the raw row of a person contradicts it.
What to add here: the claim of a new sentence. A sentence that is not here is a failure of the gate's check.
What must not be here: features, and anything imported from `reasons/`: the two must be able to disagree.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from credit_platform.portfolios.claims import Claims
from credit_platform.portfolios.german_credit.claims.declare import claimless
from credit_platform.portfolios.german_credit.claims.loan import BURDEN, LOAN, PURPOSE
from credit_platform.portfolios.german_credit.claims.person import ACCOUNT, ASSETS, HISTORY, OTHERS, SAVINGS, WORK
from credit_platform.portfolios.german_credit.claims.subjects import SUBJECTS


def _facts(tables: Mapping[str, pl.LazyFrame], applicants: pl.LazyFrame) -> pl.LazyFrame:
    return tables["applications"].join(applicants, on="applicant_id", how="semi")


_STATED_EN = (
    "The amount you ask for|The length of the loan you ask for|The weight of the monthly instalment in your budget|"
    "What you want the loan for"
)
_STATED_FR = (
    "Le montant que vous demandez|La durée du prêt que vous demandez|"
    "Ce que pèserait la mensualité dans votre budget|Votre projet"
)

_ALL = (*ACCOUNT, *SAVINGS, *HISTORY, *LOAN, *BURDEN, *PURPOSE, *WORK, *ASSETS, *OTHERS)

CLAIMS = Claims(
    facts=_facts,
    claims=(*_ALL, *(one.no_hindrance for one in _ALL if one.speaks is None)),
    claimless=(
        *claimless("What we know, or do not know, of [^.]+", "Ce que nous savons ou ne savons pas [^.]+"),
        *claimless(f"({_STATED_EN})", f"({_STATED_FR})"),
    ),
    subjects=SUBJECTS,
)
