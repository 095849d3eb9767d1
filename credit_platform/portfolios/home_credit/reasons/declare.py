"""Short ways to declare families of reasons, and the records they draw on: what the modules of this folder say it with.

The sentences of last resort claim nothing of the person: they are true whatever the values are.
"""

from __future__ import annotations

from credit_platform.portfolios.reason import Condition, DataSource, Operator, Reason, Situation, Value, Wording

BUREAU = DataSource(
    tables=("bureau", "bureau_balance"),
    fr="ce que le bureau de crédit sait de vos crédits auprès d'autres prêteurs",
    en="what the credit bureau knows of your credits with other lenders",
)
EARLIER = DataSource(
    tables=("previous_application", "pos_cash_balance", "installments_payments"),
    fr="vos demandes et vos prêts antérieurs chez nous",
    en="your earlier applications and loans with us",
)
CARD = DataSource(
    tables=("credit_card_balance",),
    fr="les relevés de votre carte de crédit chez nous",
    en="the statements of your credit card with us",
)
BUREAU_COUNTS = ("bureau__credits__all__count", "bureau_balance__credits__all__count")
"""Features that are known as soon as there is one record."""
EARLIER_COUNTS = (
    "previous__applications__all__count",
    "pos_cash__loans__all__count",
    "installments__loans__all__count",
)
CARD_COUNTS = ("credit_card__months__all__count",)


def on(feature: str, operator: Operator, value: Value = None) -> Condition:
    """A condition on a feature."""
    return Condition(feature, operator, value)


def unknown(*features: str) -> tuple[Condition, ...]:
    """None of these is known."""
    return tuple(Condition(feature, "unknown") for feature in features)


def says(situation: Situation, fr: str, en: str, *when: Condition) -> Wording:
    """A sentence and when it is true."""
    return Wording(situation=situation, fr=fr, en=en, when=when)


def missing(fr: str, en: str, *when: Condition) -> tuple[Wording, Wording]:
    """That something is not there or not known: to who gets the loan it is no hindrance, not an advantage."""
    return (
        says(
            "favourable",
            f"{fr.removesuffix('.')} ; cela ne s'oppose pas à ce prêt.",
            f"{en.removesuffix('.')}; that does not stand in the way of this loan.",
            *when,
        ),
        says("nothing_known", fr, en, *when),
    )


def stated(code: str, fr: str, en: str, *wordings: Wording) -> Reason:
    """A family about what the application says."""
    return Reason(
        code=code,
        adverse_fr=f"{fr} ne parle pas assez pour cette demande.",
        adverse_en=f"{en} does not speak enough for this application.",
        favourable_fr=f"{fr} ne s'oppose pas à ce prêt.",
        favourable_en=f"{en} does not stand in the way of this loan.",
        wordings=wordings,
    )


def known_of(code: str, of_fr: str, of_en: str, *wordings: Wording, source: DataSource | None = None) -> Reason:
    """A family about what we know or do not know."""
    return Reason(
        code=code,
        adverse_fr=f"Ce que nous savons ou ne savons pas {of_fr} ne parle pas assez pour cette demande.",
        adverse_en=f"What we know, or do not know, of {of_en} does not speak enough for this application.",
        favourable_fr=f"Ce que nous savons ou ne savons pas {of_fr} ne s'oppose pas à ce prêt.",
        favourable_en=f"What we know, or do not know, of {of_en} does not stand in the way of this loan.",
        wordings=wordings,
        source=source,
    )
