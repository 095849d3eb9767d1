"""The options of the generator, by name.

What is here: what `drift` and `defects` may be, in words, and the check of what a user asked for.
What to add here: the name and description of a new drift or defect.
What must not be here: what they do (see `drift`, `defects`).
"""

from __future__ import annotations

from collections.abc import Sequence

from credit_platform.errors import GenerationError

DRIFTS = {
    "income_inflation": "Applicants to be scored declare incomes a third higher.",
    "younger_applicants": "Applicants to be scored are about nine years younger, and fewer live on a pension.",
    "riskier_applicants": "Applicants to be scored carry more risk, in everything the files say of them.",
    "bureau_outage": "The bureau did not answer for most applicants to be scored: no enquiries, no third score.",
    "score_shift": "The second and third external scores of applicants to be scored are a fifth lower.",
}
DEFECTS = {
    "duplicate_sk_id_bureau": "Rows of bureau.csv occur twice.",
    "target_of_2": "Some outcomes in application_train.csv are 2.",
    "null_key": "Some rows of previous_application.csv have no SK_ID_PREV.",
    "orphan_flood": "Three in five rows of bureau_balance.csv belong to loans that do not exist.",
    "income_in_thousands": "Incomes in application_train.csv are in thousands.",
    "column_swapped": "AMT_APPLICATION and AMT_CREDIT of previous_application.csv changed places, headings included.",
    "values_swapped": "NAME_CONTRACT_TYPE and CODE_GENDER of application_test.csv changed places, headings not.",
    "truncated_file": "installments_payments.csv ends in the middle of a row.",
    "missing_file": "POS_CASH_balance.csv is missing.",
}
LEAST_SCALE, MOST_SCALE = 0.0005, 20.0


def check_options(*, scale: float, drift: Sequence[str], defects: Sequence[str]) -> None:
    """Raise GenerationError when the scale is out of range or a name is unknown."""
    if not LEAST_SCALE <= scale <= MOST_SCALE:
        raise GenerationError(
            f"Scale {scale} is out of range.", f"Use a number between {LEAST_SCALE} and {MOST_SCALE:g}; 1 is real size."
        )
    for kind, names, known in (("drift", drift, DRIFTS), ("defect", defects, DEFECTS)):
        for name in names:
            if name not in known:
                raise GenerationError(f"There is no {kind} {name!r}.", f"Use one of: {', '.join(known)}.")
