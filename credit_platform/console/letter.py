"""The letter that tells a refusal: a page of HTML that a browser prints on one sheet.

What is here: `refusal_letter`, made of a logged decision and nothing else.
What to add here: a sentence that is true of every refusal it is printed for.
What must not be here: reasons, rights and contact in words of ours: the log has those that were given. No probability,
no limit and no advice: the letter says why, and what the applicant may ask for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any, Final

from credit_platform.console.texts import Language, Texts
from credit_platform.monitoring.decision_log import StoredDecision

_STYLE: Final = """
@page { size: A4; margin: 25mm 22mm; }
body { font: 11.5pt/1.5 Georgia, "Times New Roman", serif; color: #111; }
body { max-width: 42em; margin: 2em auto; padding: 0 1em; }
header { display: flex; justify-content: space-between; gap: 2em; flex-wrap: wrap; margin-bottom: 2.5em; }
h1 { font-size: 1.1em; margin: 2em 0 1.2em; }
li { margin: 0.3em 0; }
.notice { border: 2px solid #8a2d00; color: #8a2d00; padding: 0.5em 0.8em; font-family: sans-serif; font-size: 0.9em; }
footer { margin-top: 2.5em; font-size: 0.85em; color: #444; overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; padding: 0; } }
"""


@dataclass(frozen=True)
class Sender:
    """Who writes."""

    lender: str
    officer: str | None = None
    """Who printed it, below the letter; None where nobody signed in."""


def can_be_written(decision: StoredDecision) -> bool:
    """Whether there is a letter: of a refusal whose rights were logged with it, as those before rights were not."""
    return decision.decision == "refused" and _answer(decision).get("rights") is not None


def refusal_letter(decision: StoredDecision, sender: Sender, texts: Texts, today: date) -> str:
    """The letter, in the language in which the decision was given.

    Args:
        decision: a refusal, see `can_be_written`.
        sender: who writes.
        texts: of any language; its portfolio and zone are taken.
        today: date of the letter.
    """
    language: Language = "fr" if decision.language == "fr" else "en"
    words = Texts(language, texts.portfolio, texts.zone)
    rights: Mapping[str, Any] = _answer(decision)["rights"]

    def own(text: str) -> str:
        return escape(words.printed(text, language))

    reference = decision.applicant_id
    decided = words.day(decision.decided_at.astimezone(words.zone))
    about = words("letter_about") if reference is None else words("letter_about_of", reference=reference)
    number = words("rights_number", request_id=decision.request_id)
    printed_by = [] if sender.officer is None else [words("letter_printed_by", officer=sender.officer)]
    parts = [
        f"<p class='notice'>{escape(words('letter_example'))}</p>" if rights["contact"]["example"] else "",
        f"<header><div><strong>{escape(sender.lender)}</strong></div><div>{escape(words.day(today))}</div></header>",
        f"<h1>{escape(about)}</h1>",
        *_paragraphs(words("letter_salutation"), words("letter_decided", day=decided)),
        *_paragraphs(words("letter_reasons")),
        _list([own(reason["text"]) for reason in decision.reasons], ordered=True),
        *(f"<p>{own(rights[name])}</p>" for name in ("review", "how")),
        *_paragraphs(number, words("rights_data")),
        _list([own(one) for one in rights["data_used"]]),
        *_paragraphs(words("letter_close")),
        f"<p>{escape(sender.lender)}</p>",
        f"<footer>{own(rights['grounds'])}<br>{'<br>'.join(map(escape, printed_by))}</footer>",
    ]
    head = f"<meta charset='utf-8'><title>{escape(about)}</title><style>{_STYLE}</style>"
    return f"<!doctype html><html lang='{language}'><head>{head}</head><body>{''.join(parts)}</body></html>"


def _answer(decision: StoredDecision) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(decision.answer)
    return answer


def _paragraphs(*texts: str) -> list[str]:
    return [f"<p>{escape(text)}</p>" for text in texts]


def _list(items: Sequence[str], *, ordered: bool = False) -> str:
    tag = "ol" if ordered else "ul"
    return f"<{tag}>{''.join(f'<li>{item}</li>' for item in items)}</{tag}>"
