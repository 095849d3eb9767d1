"""Review of the reasons an applicant may be told: is each feature explained, and would a person accept the sentence?

What is here: `unexplained_features` and `review_reasons`, the rules that a machine can check.
What to add here: a rule that a reviewer found herself applying twice.
What must not be here: the sentences (they are the portfolio's), their choice (`scoring.reasons`), and whether they are
true of the applicants who are told them (`reason_truth.py`).

A notice must be specific: saying that an applicant did not reach a score is no reason (Regulation B, 12 CFR
1002.9(b)(2)). GDPR article 12 asks for plain language, article 13(2)(f) for meaningful information on the logic.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from credit_platform.portfolios.portfolio import Portfolio
from credit_platform.portfolios.reason import Reason

LONGEST = 160
"""Characters of a sentence; longer ones are not read."""
_NO_REASON = re.compile(
    r"\b(scores?|seuils?|thresholds?|points|algorithm\w*|modèles?|models?|statisti\w+)\b", re.IGNORECASE
)
_BLAME = re.compile(
    r"\b(mauvais\w*|bad|irresponsable\w*|irresponsible|insolvab\w*|insolvent|faute|fault|fail(ed|ure)?|échec|risky|risqué\w*)\b",
    re.IGNORECASE,
)
_SECOND_PERSON = {
    "fr": re.compile(r"\b(vous|votre|vos|vôtre|nous)\b", re.IGNORECASE),
    "en": re.compile(r"\b(you|your|yours|we|us)\b", re.IGNORECASE),
}


def unexplained_features(portfolio: Portfolio, features: Sequence[str]) -> list[str]:
    """Features without a reason family whose texts are all there, in the order given."""
    family = {feature.name: feature.reason for feature in portfolio.features}
    whole = {reason.code for reason in portfolio.reasons if all(text.strip() for _, _, text in _texts(reason))}
    return [name for name in features if family.get(name) not in whole]


def review_reasons(portfolio: Portfolio) -> list[str]:
    """What is wrong with the sentences of a portfolio, a finding each; empty when nothing is."""
    findings = []
    for reason in portfolio.reasons:
        for side, language, text in _texts(reason):
            findings += [f"{reason.code}, {side} {language}: {fault}" for fault in _faults(text, language)]
    return findings + _conditions(portfolio) + _twins(portfolio)


def _texts(reason: Reason) -> list[tuple[str, str, str]]:
    """Situation, language and text of each sentence, those of last resort included."""
    return [
        (wording.situation, language, text)
        for wording in reason.all_wordings
        for language, text in (("fr", wording.fr), ("en", wording.en))
    ]


def _faults(text: str, language: str) -> list[str]:
    faults = {
        "it is empty": not text.strip(),
        "it does not end with a full stop": not text.endswith("."),
        f"it is longer than {LONGEST} characters": len(text) > LONGEST,
        "it has figures in it": bool(re.search(r"\d", text)),
        "it names the machinery instead of a reason": bool(_NO_REASON.search(text)),
        "it blames": bool(_BLAME.search(text)),
        "it does not address the applicant": not _SECOND_PERSON[language].search(text),
        # French typography: a space before ; : ! ? - English has none.
        "its punctuation is not of its language": bool(
            re.search(r"[^\s  ][;:!?]" if language == "fr" else r"\s[;:!?]", text)
        ),
    }
    return [fault for fault, found in faults.items() if found]


def _conditions(portfolio: Portfolio) -> list[str]:
    """Conditions on features that the portfolio does not have, or that could never be asked."""
    features = {feature.name for feature in portfolio.features}
    findings = []
    for reason in portfolio.reasons:
        for wording in reason.wordings:
            absent = [condition.feature for condition in wording.when if condition.feature not in features]
            findings += [f"{reason.code}, {wording.en!r}: there is no feature {name}" for name in absent]
            if wording.situation == "not_looked_at" and reason.source is None:
                findings.append(f"{reason.code}, {wording.en!r}: the family has no source that could be left out")
            if not wording.when and wording.situation != "not_looked_at":
                findings.append(f"{reason.code}, {wording.en!r}: it has no condition, so nothing after it is said")
    return findings


def _twins(portfolio: Portfolio) -> list[str]:
    """Families that say the same: then one of them says nothing of its own."""
    seen: dict[str, str] = {}
    findings = []
    for reason in portfolio.reasons:
        for _, language, text in _texts(reason):
            other = seen.setdefault(f"{language}:{text}", reason.code)
            if other != reason.code:
                findings.append(f"{reason.code} says the same as {other}: {text}")
    return findings
