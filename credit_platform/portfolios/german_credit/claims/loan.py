"""What sentences about the loan claim."""

from __future__ import annotations

import polars as pl

from credit_platform.portfolios.german_credit.claims.declare import claim, only

_HIGH_AMOUNT = 4000
_HIGH_INSTALMENT = 200
_LONG, _SHORT = 24, 12

LOAN = (
    claim(
        "The amount you ask for is high; a smaller one could help.",
        "Le montant que vous demandez est élevé ; un montant plus petit pourrait aider.",
        (pl.col("amount") <= _HIGH_AMOUNT, f"amount is at most {_HIGH_AMOUNT}"),
        speaks="against",
    ),
    claim(
        "The amount you ask for is moderate.",
        "Le montant que vous demandez est modéré.",
        (pl.col("amount") > _HIGH_AMOUNT, f"amount is above {_HIGH_AMOUNT}"),
        speaks="for",
    ),
    claim(
        "The loan you ask for runs for a long time; a shorter one would leave less room for the unexpected.",
        "La durée que vous demandez est longue ; une durée plus courte laisserait moins de place aux imprévus.",
        (pl.col("duration_months") <= _LONG, f"duration_months is at most {_LONG}"),
        speaks="against",
    ),
    claim(
        "Your current account is overdrawn, which weighs on each month of the loan you ask for.",
        "Votre compte courant est à découvert, ce qui pèse sur chaque mois du prêt que vous demandez.",
        only("checking_account", "overdrawn"),
        speaks="against",
    ),
    claim(
        "The loan you ask for is short, which leaves less room for the unexpected.",
        "La durée que vous demandez est courte, ce qui laisse moins de place aux imprévus.",
        (pl.col("duration_months") > _SHORT, f"duration_months is above {_SHORT}"),
        speaks="for",
    ),
    claim(
        "The loan you ask for does not run for long.",
        "La durée que vous demandez n'est pas longue.",
        (pl.col("duration_months") > _LONG, f"duration_months is above {_LONG}"),
        speaks="for",
    ),
)

_INSTALMENT = pl.col("amount") / pl.col("duration_months")

BURDEN = (
    claim(
        "The monthly instalment of your loan would be high; a longer or a smaller loan would lower it.",
        "La mensualité de votre prêt serait élevée ; un prêt plus long ou plus petit la ferait baisser.",
        (_INSTALMENT <= _HIGH_INSTALMENT, f"amount / duration_months is at most {_HIGH_INSTALMENT}"),
        speaks="against",
    ),
    claim(
        "The monthly instalment of your loan is moderate.",
        "La mensualité de votre prêt est modérée.",
        (_INSTALMENT > _HIGH_INSTALMENT, f"amount / duration_months is above {_HIGH_INSTALMENT}"),
        speaks="for",
    ),
)

_CAR = only("purpose", "new car", "used car")
_HOME = only("purpose", "furniture or equipment", "radio or television", "domestic appliances")
_REPAIRS = only("purpose", "repairs")
_TRAINING = only("purpose", "education", "retraining")
_BUSINESS = only("purpose", "business")

PURPOSE = (
    claim(
        "You want this loan for a car; that does not speak enough for this application.",
        "Vous demandez ce prêt pour une voiture ; ce projet ne parle pas assez pour cette demande.",
        _CAR,
        speaks="against",
    ),
    claim(
        "You want this loan for a car; that does not stand in its way.",
        "Vous demandez ce prêt pour une voiture ; ce projet ne s'y oppose pas.",
        _CAR,
        speaks="for",
    ),
    claim(
        "You want this loan for things for your home; that does not speak enough for this application.",
        "Vous demandez ce prêt pour l'équipement de votre logement ; ce projet ne parle pas assez pour cette demande.",
        _HOME,
        speaks="against",
    ),
    claim(
        "You want this loan for things for your home; that does not stand in its way.",
        "Vous demandez ce prêt pour l'équipement de votre logement ; ce projet ne s'y oppose pas.",
        _HOME,
        speaks="for",
    ),
    claim(
        "You want this loan for repairs; that does not speak enough for this application.",
        "Vous demandez ce prêt pour des réparations ; ce projet ne parle pas assez pour cette demande.",
        _REPAIRS,
        speaks="against",
    ),
    claim(
        "You want this loan for repairs; that does not stand in its way.",
        "Vous demandez ce prêt pour des réparations ; ce projet ne s'y oppose pas.",
        _REPAIRS,
        speaks="for",
    ),
    claim(
        "You want this loan for education or training; that does not speak enough for this application.",
        "Vous demandez ce prêt pour une formation ; ce projet ne parle pas assez pour cette demande.",
        _TRAINING,
        speaks="against",
    ),
    claim(
        "You want this loan for education or training; that does not stand in its way.",
        "Vous demandez ce prêt pour une formation ; ce projet ne s'y oppose pas.",
        _TRAINING,
        speaks="for",
    ),
    claim(
        "You want this loan for business; that does not speak enough for this application.",
        "Vous demandez ce prêt pour une activité professionnelle ; ce projet ne parle pas assez pour cette demande.",
        _BUSINESS,
        speaks="against",
    ),
    claim(
        "You want this loan for business; that does not stand in its way.",
        "Vous demandez ce prêt pour une activité professionnelle ; ce projet ne s'y oppose pas.",
        _BUSINESS,
        speaks="for",
    ),
)
