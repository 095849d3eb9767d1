"""Judge of a written page: a file that a person can keep and send, and that says what it is about.

What is here: `page_written`, for whichever table has pages beside it.
What must not be here: drawing a page (`report.py`), judging the figures on it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from credit_platform.lakehouse import Verdict

_FETCHED = re.compile(
    r"<(?:script|img|iframe|source|audio|video)\b[^>]*\bsrc\s*=\s*[\"']?(?!data:)[^\"'\s>]"
    r"|<link\b[^>]*\bhref\s*=\s*[\"']?(?!data:)[^\"'\s>]"
    r"|@import\b|url\(\s*[\"']?(?:https?:)?//",
    re.IGNORECASE,
)
"""What a browser would load from elsewhere; a link that a reader may follow is none."""


def page_written(paths: Sequence[Path], names: Sequence[str]) -> Verdict:
    """Whether every file is there, loads nothing from elsewhere, and the first names what it is about.

    Args:
        paths: the files, HTML or Markdown.
        names: what has to stand on the first: versions, digests, tables.
    """
    wrong = []
    for path in paths:
        if not path.is_file():
            wrong.append(f"{path} is not there")
        elif path.suffix == ".html" and _FETCHED.search(path.read_text(encoding="utf-8")):
            wrong.append(f"{path.name} loads something from elsewhere")
    if not paths:
        wrong.append("no file is recorded")
    elif paths[0].is_file():
        text = paths[0].read_text(encoding="utf-8")
        wrong += [f"{paths[0].name} does not name {name}" for name in names if name not in text]
    return Verdict(
        check="page_written",
        passed=not wrong,
        numbers={"files": len(paths), "wrong": len(wrong)},
        message=f"{'; '.join(wrong)}."
        if wrong
        else f"{len(paths)} files are there, whole, and say what they are about.",
    )
