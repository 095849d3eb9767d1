"""What is said of the loan itself: amount, length, instalment, purpose, guarantees."""

from __future__ import annotations

from credit_platform.portfolios.german_credit.features import DM_LARGE, MONTHS_LONG, MONTHS_SHORT
from credit_platform.portfolios.german_credit.reasons.declare import on
from credit_platform.portfolios.reason import Wording
from credit_platform.portfolios.reason_families import known_of, missing, says, stated

DM_MONTHLY_LARGE = 200
"""An instalment above it is in about the upper third of the loans."""

AMOUNT = stated(
    "loan_amount",
    "Le montant que vous demandez",
    "The amount you ask for",
    says(
        "adverse",
        "Le montant que vous demandez est élevé ; un montant plus petit pourrait aider.",
        "The amount you ask for is high; a smaller one could help.",
        on("amount", ">", DM_LARGE),
    ),
    says(
        "favourable",
        "Le montant que vous demandez est modéré.",
        "The amount you ask for is moderate.",
        on("amount", "<=", DM_LARGE),
    ),
)

DURATION = stated(
    "loan_duration",
    "La durée du prêt que vous demandez",
    "The length of the loan you ask for",
    says(
        "adverse",
        "La durée que vous demandez est longue ; une durée plus courte laisserait moins de place aux imprévus.",
        "The loan you ask for runs for a long time; a shorter one would leave less room for the unexpected.",
        on("duration_months", ">", MONTHS_LONG),
    ),
    says(
        "adverse",
        "Votre compte courant est à découvert, ce qui pèse sur chaque mois du prêt que vous demandez.",
        "Your current account is overdrawn, which weighs on each month of the loan you ask for.",
        on("duration_months__overdrawn__months", ">", 0),
    ),
    says(
        "favourable",
        "La durée que vous demandez est courte, ce qui laisse moins de place aux imprévus.",
        "The loan you ask for is short, which leaves less room for the unexpected.",
        on("duration_months", "<=", MONTHS_SHORT),
    ),
    says(
        "favourable",
        "La durée que vous demandez n'est pas longue.",
        "The loan you ask for does not run for long.",
        on("duration_months", "<=", MONTHS_LONG),
    ),
)

BURDEN = stated(
    "repayment_burden",
    "Ce que pèserait la mensualité dans votre budget",
    "The weight of the monthly instalment in your budget",
    says(
        "adverse",
        "La mensualité de votre prêt serait élevée ; un prêt plus long ou plus petit la ferait baisser.",
        "The monthly instalment of your loan would be high; a longer or a smaller loan would lower it.",
        on("instalment__amount", ">", DM_MONTHLY_LARGE),
    ),
    says(
        "favourable",
        "La mensualité de votre prêt est modérée.",
        "The monthly instalment of your loan is moderate.",
        on("instalment__amount", "<=", DM_MONTHLY_LARGE),
    ),
)


def _purpose(fr: str, en: str, *purposes: str) -> tuple[Wording, Wording]:
    """What the loan is for, as a fact: no sentence says how loans for it were repaid."""
    return (
        says(
            "adverse",
            f"Vous demandez ce prêt pour {fr} ; ce projet ne parle pas assez pour cette demande.",
            f"You want this loan for {en}; that does not speak enough for this application.",
            on("purpose", "in", purposes),
        ),
        says(
            "favourable",
            f"Vous demandez ce prêt pour {fr} ; ce projet ne s'y oppose pas.",
            f"You want this loan for {en}; that does not stand in its way.",
            on("purpose", "in", purposes),
        ),
    )


PURPOSE = stated(
    "purpose",
    "Votre projet",
    "What you want the loan for",
    *_purpose("une voiture", "a car", "new car", "used car"),
    *_purpose(
        "l'équipement de votre logement",
        "things for your home",
        "furniture or equipment",
        "radio or television",
        "domestic appliances",
    ),
    *_purpose("des réparations", "repairs", "repairs"),
    *_purpose("une formation", "education or training", "education", "retraining"),
    *_purpose("une activité professionnelle", "business", "business"),
)

GUARANTEES = known_of(
    "guarantees",
    "des garanties de votre prêt",
    "the guarantees for your loan",
    *missing(
        "Personne d'autre que vous ne répond de ce prêt.",
        "Nobody besides you answers for this loan.",
        on("other_debtors", "==", "none"),
    ),
    *missing(
        "Nous n'avons pas d'indication d'un garant pour votre prêt.",
        "We were told nothing of a guarantor for your loan.",
        on("other_debtors", "unknown"),
    ),
    says(
        "favourable",
        "Un garant répond de votre prêt.",
        "A guarantor answers for your loan.",
        on("other_debtors", "==", "guarantor"),
    ),
    says(
        "favourable",
        "Une autre personne demande ce prêt avec vous.",
        "Somebody else applies for this loan with you.",
        on("other_debtors", "==", "co-applicant"),
    ),
)
