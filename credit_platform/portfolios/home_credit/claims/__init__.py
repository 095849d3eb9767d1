"""What the sentences of `reasons/` claim, in terms of the raw tables.

What is here: each sentence by its very text, and when the raw rows of a person contradict it.
What to add here: the claim of a new sentence. A sentence that is not here is a failure of the gate's check.
What must not be here: features, and anything imported from `reasons/`: the two must be able to disagree.
"""

from __future__ import annotations

from credit_platform.portfolios.claims import Claims
from credit_platform.portfolios.home_credit.claims.application import APPLICATION
from credit_platform.portfolios.home_credit.claims.declare import claimless
from credit_platform.portfolios.home_credit.claims.facts import facts
from credit_platform.portfolios.home_credit.claims.histories import HISTORIES
from credit_platform.portfolios.home_credit.claims.subjects import SUBJECTS

_STATED_EN = "|".join(
    (
        "The income you state",
        "The weight of the instalments in your budget",
        "The amount you ask for",
        r"The form of your loan \(length, fees, share of the price financed\)",
        "Your level of education",
        "Your age",
        "The size of your household",
        "What your addresses at home, at registration and at work tell us",
        "The moment of your application",
    )
)
_STATED_FR = "|".join(
    (
        "Le revenu que vous déclarez",
        "Ce que pèseraient les mensualités dans votre budget",
        "Le montant que vous demandez",
        r"La forme de votre prêt \(durée, frais, part du prix financée\)",
        "Votre niveau d'études",
        "Votre âge",
        "La taille de votre foyer",
        "Ce que vos adresses de domicile, d'enregistrement et de travail nous disent",
        "Le moment de votre demande",
    )
)

CLAIMS = Claims(
    facts=facts,
    claims=(*APPLICATION, *(one.no_hindrance for one in APPLICATION if one.speaks is None), *HISTORIES),
    claimless=(
        *claimless("What we know, or do not know, of [^.]+", "Ce que nous savons ou ne savons pas [^.]+"),
        *claimless(f"({_STATED_EN})", f"({_STATED_FR})"),
    ),
    subjects=SUBJECTS,
)
