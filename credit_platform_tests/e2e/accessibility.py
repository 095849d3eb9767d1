"""What axe-core finds wrong with a page, at WCAG 2.2 A and AA, and what else a page of ours must keep to.

What is here: `barriers`, to be empty: no page has an exception.
What must not be here: pages to look at.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

STANDARDS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")


def barriers(page: Page, language: str) -> list[str]:
    """What is wrong with the page as it stands, a line for each."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415  # only where there is a browser

    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": list(STANDARDS)}})
    lines = [
        f"{rule['id']}: {node['target']} {node['html'][:120]}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
    told = page.evaluate("document.documentElement.lang")
    if told != language:
        lines.append(f"the page is in {language} and says {told}")
    return [*lines, *_headings(page), *_overflow(page)]


def _headings(page: Page) -> list[str]:
    """One first, none left out on the way down: a screen reader goes by them."""
    names = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => h.tagName)")
    levels = [int(one[1]) for one in names]
    wrong = levels[:1] != [1] or levels.count(1) != 1 or any(next_ > one + 1 for one, next_ in pairwise(levels))
    return [f"headings: {levels}"] if wrong else []


def _overflow(page: Page) -> list[str]:
    width = page.evaluate("[window.innerWidth, document.querySelector('[data-testid=stMain]').scrollWidth]")
    return [f"{width[1]} pixels in a window of {width[0]}"] if width[1] > width[0] else []
