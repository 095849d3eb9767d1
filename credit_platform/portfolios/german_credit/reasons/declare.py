"""Short ways to declare families of reasons: what the other modules of this folder say it with."""

from __future__ import annotations

from credit_platform.portfolios.german_credit.features import PREFIX
from credit_platform.portfolios.reason import Condition, Operator, Reason, Situation, Value, Wording


def on(column: str, operator: Operator, value: Value = None) -> Condition:
    """A condition on a feature of the application."""
    return Condition(PREFIX + column, operator, value)


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


def family(code: str, of_fr: str, of_en: str, *wordings: Wording) -> Reason:
    """A family whose sentences of last resort claim nothing of the person."""
    return Reason(
        code=code,
        adverse_fr=f"Ce que nous savons ou ne savons pas {of_fr} ne parle pas assez pour cette demande.",
        adverse_en=f"What we know, or do not know, of {of_en} does not speak enough for this application.",
        favourable_fr=f"Ce que nous savons ou ne savons pas {of_fr} ne s'oppose pas à ce prêt.",
        favourable_en=f"What we know, or do not know, of {of_en} does not stand in the way of this loan.",
        wordings=wordings,
    )


def stated(code: str, fr: str, en: str, *wordings: Wording) -> Reason:
    """The same of something that the applicant asks for, so that it is known."""
    return Reason(
        code=code,
        adverse_fr=f"{fr} ne parle pas assez pour cette demande.",
        adverse_en=f"{en} does not speak enough for this application.",
        favourable_fr=f"{fr} ne s'oppose pas à ce prêt.",
        favourable_en=f"{en} does not stand in the way of this loan.",
        wordings=wordings,
    )
