"""Check that every link of the documentation leads somewhere: files, folders, headings and images.

Links to the web are left alone: a check that needs the network fails for reasons that are not ours.
Usage: `python -m scripts.check_docs_links [ROOT]`; prints `file:line: what is wrong`, exits 1 if anything is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

PATTERNS: Final = ("*.md", "docs/**/*.md", "bento/**/*.md", "credit_platform/**/*.md", ".github/**/*.md")
HTML_LINK: Final = re.compile(r"""<(?:a|img)\b[^>]*?\b(?:href|src)\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
HTML_ANCHOR: Final = re.compile(r"""<[a-z][^>]*?\b(?:id|name)\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
# `[text][label]` whose label is defined nowhere stays plain text, so the parser does not report it.
UNDEFINED_REFERENCE: Final = re.compile(r"\[[^\]\[]+\]\[[^\]\[]+\]")


@dataclass(frozen=True)
class Link:
    """One link: where it stands and where it points."""

    file: Path
    line: int
    target: str


@dataclass(frozen=True)
class Document:
    """What one Markdown file links to and what can be linked to in it."""

    links: tuple[Link, ...]
    anchors: frozenset[str]
    undefined: tuple[Link, ...]


def slug(heading: str) -> str:
    """Anchor that GitHub gives to `heading`: lower case, punctuation dropped, spaces to hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@cache
def parse(file: Path) -> Document:
    """Read one Markdown file."""
    links: list[Link] = []
    undefined: list[Link] = []
    anchors: dict[str, None] = {}
    tokens = MarkdownIt("commonmark").enable("table").parse(file.read_text(encoding="utf-8"))
    for previous, token in zip([None, *tokens], tokens, strict=False):
        line = token.map[0] + 1 if token.map else 1
        links += [Link(file, line, target) for target in _targets(token)]
        undefined += [Link(file, line, text) for text in _undefined(token)]
        anchors |= dict.fromkeys(_html_anchors(token))
        if previous is not None and previous.type == "heading_open":
            anchors |= {_unused(slug(_text(token)), anchors): None}
    return Document(tuple(links), frozenset(anchors), tuple(undefined))


def _targets(token: Token) -> Iterator[str]:
    for part in [token, *(token.children or [])]:
        if part.type in {"html_block", "html_inline"}:
            yield from HTML_LINK.findall(part.content)
        for attribute in ("href", "src"):
            if value := part.attrGet(attribute):
                yield str(value)


def _undefined(token: Token) -> Iterator[str]:
    text = "".join(child.content if child.type == "text" else "\n" for child in token.children or [])
    yield from UNDEFINED_REFERENCE.findall(text)


def _html_anchors(token: Token) -> Iterator[str]:
    for part in [token, *(token.children or [])]:
        if part.type in {"html_block", "html_inline"}:
            yield from HTML_ANCHOR.findall(part.content)


def _text(inline: Token) -> str:
    return "".join(child.content for child in inline.children or [] if child.type in {"text", "code_inline"})


def _unused(anchor: str, taken: dict[str, None]) -> str:
    number = 0
    candidate = anchor
    while candidate in taken:
        number += 1
        candidate = f"{anchor}-{number}"
    return candidate


def complaint(link: Link, root: Path) -> str | None:
    """What is wrong with `link`, or None. `root` is the folder that links may not leave."""
    parts = urlsplit(link.target)
    if parts.scheme or parts.netloc:
        return None
    path = unquote(parts.path)
    if path.startswith("/"):
        return "an absolute path works on one machine only"
    target = (link.file.parent / path).resolve() if path else link.file
    if not target.is_relative_to(root):
        return "leads out of the repository"
    if not target.exists():
        return "no such file"
    if parts.fragment and target.suffix == ".md" and unquote(parts.fragment) not in parse(target).anchors:
        return f"no such heading in {target.name}"
    return None


def check(root: Path) -> list[str]:
    """Every complaint about the Markdown files under `root`, as `file:line: [target] reason`."""
    root = root.resolve()
    complaints = []
    for file in sorted({file for pattern in PATTERNS for file in root.glob(pattern)}):
        document = parse(file)
        reasons = [(link, complaint(link, root)) for link in document.links]
        reasons += [(link, "this reference is defined nowhere") for link in document.undefined]
        name = file.relative_to(root)
        complaints += [f"{name}:{link.line}: {link.target} - {reason}" for link, reason in reasons if reason]
    return complaints


def main(arguments: list[str]) -> int:
    """Print the complaints; exit status for the shell."""
    complaints = check(Path(arguments[0]) if arguments else Path())
    for line in complaints:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"Docs links: {len(complaints)} broken.\n" if complaints else "Docs links: all good.\n")
    return int(bool(complaints))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
