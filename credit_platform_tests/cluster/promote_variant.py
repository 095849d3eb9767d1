"""Promote another Bento of the newest scorer, from within a pod of the platform: `python - good`, or `bad`.

A `good` one differs by a comment; of a `bad` one `/explain` fails, so that it gets ready and fails its smoke test.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from datetime import UTC, datetime

from credit_platform.lakehouse import Lakehouse
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.portfolios.keys import bento_key
from credit_platform.scoring.folder import PROMOTION
from credit_platform.scoring.served_source import record_promotion
from credit_platform.serving.bento_places import keep_bento
from credit_platform.serving.records import BentoRecord, bento_rows
from credit_platform.settings import Settings

ADDED = {
    "good": "# {number}\n",
    "bad": "\n\nasync def explain(request: object) -> None:  # {number}\n    raise RuntimeError\n",
}


def promote(kind: str) -> str:
    """Write the record of another Bento; returns its digest."""
    settings = Settings()
    shelf, lakehouse, key = Shelf.of(settings), Lakehouse(settings.lakehouse_root), bento_key("german_credit")
    versions = lakehouse.versions(key)
    first = BentoRecord.of(lakehouse.read(key, versions[-1].version))
    at = datetime.now(UTC).isoformat()
    other = replace(first, tag=f"{first.tag}-{kind}{len(versions)}", promoted_at=at)
    folder = other.place.folder(shelf.home)
    shutil.copytree(first.brought(shelf), folder)
    with (folder / "src" / "bento" / "http" / "explain.py").open("a", encoding="utf-8") as file:
        file.write(ADDED[kind].format(number=len(versions)))
    (folder / "src" / PROMOTION).unlink()  # else the digest is that of the Bento it was copied from
    digest = record_promotion(folder / "src", at, other.promoted_by)
    other = replace(other, source_digest=digest, key=keep_bento(shelf, other.place))
    lakehouse.write(key, bento_rows(other, 1).lazy(), summary=other.to_summary())
    return digest


if __name__ == "__main__":
    sys.stdout.write(f"{promote(sys.argv[1])}\n")
