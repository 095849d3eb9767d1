"""What somebody who is refused may ask for, and of whom.

What is here: `RightsWords`, which travels with a scorer and gives the `Rights` of one answer.
What to add here: a right, with its source.
What must not be here: the contact (it is the portfolio's), and legal advice.

Sources: Regulation (EU) 2016/679 (GDPR), article 22(3): human intervention, own point of view, contest; article 15:
access to the data. Directive (EU) 2023/2225 on consumer credit, article 18: human intervention, explanation and review
where creditworthiness is assessed by automated processing, and notice of them when an application is rejected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from credit_platform.portfolios.reason import Contact, DataSource, Reason
from credit_platform.scoring.decision import DataUsed, Language, Outcome, Rights

_WORDS: Mapping[str, Mapping[str, str]] = {
    "fr": {
        "refused": "Vous pouvez demander qu'une personne réexamine cette décision, donner votre point de vue, obtenir "
        "une explication et contester la décision.",
        "review": "Une personne va examiner votre demande ; vous pouvez lui donner votre point de vue, obtenir une "
        "explication et contester la décision.",
        "how": "Écrivez à {email} ou à {name}, {address}, ou appelez le {phone}, et indiquez le numéro de cette "
        "réponse.",
        "application": "les réponses de votre demande",
        "as_of": "{source}, d'après {stored}",
        "grounds": "RGPD, articles 15 et 22, paragraphe 3 ; directive (UE) 2023/2225, article 18",
    },
    "en": {
        "refused": "You can ask for a person to review this decision, give your point of view, obtain an explanation "
        "and contest the decision.",
        "review": "A person will examine your application; you can give your point of view, obtain an explanation and "
        "contest the decision.",
        "how": "Write to {email} or to {name}, {address}, or call {phone}, and quote the number of this answer.",
        "application": "the answers in your application",
        "as_of": "{source}, as of {stored}",
        "grounds": "GDPR, articles 15 and 22(3); Directive (EU) 2023/2225, article 18",
    },
}


_MOST_KNOWN = 256


class RightsWords:
    """The words of a scorer, from which each answer that refuses takes its own."""

    def __init__(self, contact: Mapping[str, Any], sources: Sequence[DataSource], words: Mapping[str, Any]) -> None:
        """Take a contact as plain values, the sources of data of the portfolio, and the sentences by language."""
        self.contact = dict(contact)
        self._sources = tuple(sources)
        self._words = words
        self._known: dict[tuple[Outcome, DataUsed, Language], Rights] = {}
        self._how = {language: one["how"].format(**self.contact) for language, one in words.items()}

    @classmethod
    def of(cls, contact: Contact, reasons: Sequence[Reason]) -> RightsWords:
        """Those of a portfolio, in today's words."""
        return cls(asdict(contact), sources_of(reasons), _WORDS)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        sources = [{"tables": list(one.tables), "fr": one.fr, "en": one.en} for one in self._sources]
        return {"contact": self.contact, "sources": sources, "words": self._words}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> RightsWords:
        """What `to_json` wrote."""
        sources = [DataSource(tables=tuple(one["tables"]), fr=one["fr"], en=one["en"]) for one in value["sources"]]
        return cls(value["contact"], sources, value["words"])

    def rights(self, outcome: Outcome, used: DataUsed, language: Language) -> Rights | None:
        """Rights after one decision; None when the loan is granted."""
        if outcome == "accepted":
            return None
        case = (outcome, used, language)
        if case not in self._known:
            # There are few: a table has some versions, a portfolio some histories.
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[case] = self._words_for(outcome, used, language)
        return self._known[case]

    def _words_for(self, outcome: Outcome, used: DataUsed, language: Language) -> Rights:
        words = self._words[language]
        return Rights(
            review=words[outcome],
            how=self._how[language],
            contact=self.contact,
            data_used=(words["application"], *self._looked_at(used, language)),
            grounds=words["grounds"],
        )

    def _looked_at(self, used: DataUsed, language: Language) -> list[str]:
        named = [source.fr if language == "fr" else source.en for source in self._sources if used.any_of(source.tables)]
        if used.stored is None:
            return named
        return [self._words[language]["as_of"].format(source=source, stored=used.stored) for source in named]


def sources_of(reasons: Sequence[Reason]) -> tuple[DataSource, ...]:
    """Each source of the families once, in their order."""
    return tuple(dict.fromkeys(reason.source for reason in reasons if reason.source is not None))
