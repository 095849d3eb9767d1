"""Short ways to declare families of reasons, for every portfolio.

What is here: wordings with their conditions, and families whose sentences of last resort claim nothing of the person:
they are true whatever the values are.
What to add here: another sentence of last resort that fits any portfolio.
What must not be here: what a portfolio says (its folder), when a sentence is chosen (`scoring.wordings`).
"""

from __future__ import annotations

from credit_platform.portfolios.reason import Condition, DataSource, Reason, Situation, Wording


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
