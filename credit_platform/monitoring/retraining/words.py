"""The reasons of the rule as sentences, in English and French.

What is here: `sentences`.
What to add here: the words of another reason, in both languages.
What must not be here: deciding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from credit_platform.monitoring.retraining.rule import Answer, Decided, Reason

_ANSWERS: Final[dict[Answer, tuple[str, str]]] = {
    Answer.NONE: ("Nothing is trained.", "Rien n'est réentraîné."),
    Answer.SUGGEST: (
        "Training again is suggested, and not started by itself.",
        "Un réentraînement est proposé ; il ne démarre pas de lui-même.",
    ),
    Answer.REFIT: (
        "The model is trained again; the challenger goes through the gate.",
        "Le modèle est réentraîné ; le challenger passe par la porte de promotion.",
    ),
}
_TOO_FEW = (
    "The champion has {outcomes} mature outcomes with {defaults} defaults; at least {least_outcomes} and "
    "{least_defaults} are asked for.",
    "Le champion a {outcomes} issues arrivées à maturité, dont {defaults} défauts ; il en faut au moins "
    "{least_outcomes} et {least_defaults}.",
)
_WORDS: Final[dict[str, tuple[str, str]]] = {
    "no champion": (
        "No model was promoted yet: there is nothing to train again.",
        "Aucun modèle n'a encore été promu : il n'y a rien à réentraîner.",
    ),
    "nothing": (
        "Nothing speaks for it: {outcomes} mature outcomes of the champion, drift {level}.",
        "Rien ne l'impose : {outcomes} issues du champion arrivées à maturité, dérive {level}.",
    ),
    "broken feed": (
        "Data checks fail: the feed of {features} broke. It is mended, not learnt from.",
        "Des contrôles de données échouent : l'alimentation de {features} est rompue. On la répare, on n'en apprend "
        "rien.",
    ),
    "checks fail": (
        "Data checks fail: the newest data of {tables} were refused. Mend them, or answer for them, first.",
        "Des contrôles de données échouent : les dernières données de {tables} ont été refusées. Corrigez-les, ou "
        "assumez-les, d'abord.",
    ),
    "not made": (
        "Data checks fail: the newest run could not make {tables}, or a check of it failed; the run says why.",
        "Des contrôles de données échouent : la dernière exécution n'a pas pu produire {tables}, ou un contrôle y a "
        "échoué ; l'exécution dit pourquoi.",
    ),
    "calibration": (
        "Probabilities are too low for the defaults that came.",
        "Les probabilités sont trop basses au regard des défauts survenus.",
    ),
    "discrimination": (
        "The champion separates worse than on the holdout that it accepts.",
        "Le champion sépare moins bien que sur la part de l'échantillon test qu'il accepte.",
    ),
    "concept": (
        "Outcomes are not what the probabilities said: people like them do otherwise than before (concept shift), or "
        "more have come about whom the model was never right.",
        "Les issues ne sont pas celles que les probabilités annonçaient : des gens semblables font autrement qu'avant "
        "(changement de concept), ou il en vient davantage pour qui le modèle n'a jamais été juste.",
    ),
    "drift": (
        "{drifted} features drifted, which carry {score:.0%} of the model's importance.",
        "{drifted} variables ont dérivé ; elles portent {score:.0%} de l'importance du modèle.",
    ),
    "expected": (
        "Even the best AUC to be expected of young decisions is below that of the holdout that it accepts.",
        "Même la meilleure AUC à attendre des décisions récentes est inférieure à celle de l'échantillon test accepté.",
    ),
    "too few": _TOO_FEW,
    "no inputs": (
        "A refit is refused: of {without} loans with a mature outcome the decision log keeps digests only, and nobody "
        "can be trained on without what they sent. Keep inputs: CREDIT_PLATFORM_SERVICE_DECISION_LOG_INPUTS=full.",
        "Le réentraînement est refusé : pour {without} prêts dont l'issue est connue, le journal ne garde qu'une "
        "empreinte, et l'on n'apprend pas sans les données envoyées. Conservez-les : "
        "CREDIT_PLATFORM_SERVICE_DECISION_LOG_INPUTS=full.",
    ),
    "too few inputs": (
        "Of the loans with a mature outcome the decision log keeps the inputs of {outcomes}, {defaults} defaults among "
        "them ({without} have a digest only); at least {least_outcomes} and {least_defaults} are asked for.",
        "Parmi les prêts dont l'issue est connue, le journal garde les données de {outcomes}, dont {defaults} défauts "
        "({without} n'ont qu'une empreinte) ; il en faut au moins {least_outcomes} et {least_defaults}.",
    ),
    "cool-down": (
        "A refit began on {on}; for {days} days, until {until}, none begins by itself.",
        "Un réentraînement a commencé le {on} ; pendant {days} jours, jusqu'au {until}, aucun ne démarre de lui-même.",
    ),
    "budget": (
        "{refits} refits began in this quarter, at most {most} may.",
        "{refits} réentraînements ont commencé ce trimestre, {most} au plus sont permis.",
    ),
}
_LEVELS: Final = {
    "stable": ("stable", "stable"),
    "watch": ("to be watched", "à surveiller"),
    "retrain": ("at the level of retraining", "au niveau du réentraînement"),
}
_UNKNOWN: Final = ("not judged", "non jugée")
_MOST_NAMED: Final = 10
Language = Literal["en", "fr"]


def sentences(decided: Decided, language: Language) -> str:
    """The answer and every reason, as sentences."""
    place = 0 if language == "en" else 1
    told = [_ANSWERS[decided.answer][place], *(_told(reason, place) for reason in decided.reasons)]
    return " ".join(told)


def _told(reason: Reason, place: int) -> str:
    return _WORDS[reason.code][place].format(**{name: _shown(v, place) for name, v in _figures(reason, place).items()})


def _figures(reason: Reason, place: int) -> dict[str, Any]:
    figures = dict(reason.figures)
    if "level" in figures:
        figures["level"] = _LEVELS.get(str(figures["level"]), _UNKNOWN)[place]
    return figures


def _shown(value: Any, place: int) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str):
        more = len(value) - _MOST_NAMED
        rest = ("", "") if more <= 0 else (f" and {more} more", f" et {more} autres")
        return ", ".join(map(str, value[:_MOST_NAMED])) + rest[place]
    return value
