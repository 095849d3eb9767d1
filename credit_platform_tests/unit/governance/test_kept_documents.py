"""A document is stored with the pictures of its place in it, and its digests are those of what is stored."""

from __future__ import annotations

import hashlib
from pathlib import Path

from credit_platform.governance.document import Document, Picture, Section
from credit_platform.governance.kept_documents import keep_documents
from credit_platform.lakehouse.reports import write_reports
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.settings import Settings

PLACE = "p/reports/models/0123456789ab"


def test_documents_are_stored_with_their_pictures_in_them(tmp_path: Path) -> None:
    shelf = Shelf.of(Settings(home=tmp_path / "home é"))
    write_reports(shelf, PLACE, {"roc.png": b"\x89PNG"})
    document = Document(name="card", title="Card", sections=(Section("One", (Picture("roc.png", "ROC curve"),)),))
    digests = keep_documents(shelf, PLACE, [document])
    assert list(digests) == ["card.md", "card.html"]
    for name, digest in digests.items():
        assert hashlib.sha256(shelf.store.get(f"{PLACE}/{name}")).hexdigest() == digest
    assert "data:image/png;base64," in shelf.store.get(f"{PLACE}/card.html").decode()
    assert not list((tmp_path / "home é").glob(".together-*"))
