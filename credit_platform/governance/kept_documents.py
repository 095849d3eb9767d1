"""Documents as artefacts: written where their pictures are at hand, and stored by key.

What is here: `keep_documents`.
What must not be here: what a document says (`document.py` and the modules of single documents).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from credit_platform.governance.document import Document
from credit_platform.lakehouse.reports import write_reports
from credit_platform.lakehouse.shelf import Shelf


def keep_documents(shelf: Shelf, place: str, documents: Sequence[Document]) -> dict[str, str]:
    """Store documents under `place`, with the pictures that lie there in them.

    Returns:
        SHA-256 of each file, by its name: Markdown and HTML of the first document, then of the next.
    """
    with shelf.together(place) as folder:
        contents = {path.name: path.read_bytes() for document in documents for path in document.write(folder)}
    write_reports(shelf, place, contents)
    return {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
