"""Who said yes, and what another environment said of the same images.

What is here: `require_approval`, and the record that each delivery leaves for the environment after it.
What must not be here: how somebody says yes (in CD, a reviewer of the environment; by hand, whoever types it).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from scripts.delivery.environments import Environment
from scripts.delivery.images import TagImages
from scripts.delivery.outcome import RefusedError


@dataclass(frozen=True, kw_only=True)
class Record:
    """What came of a delivery that was begun."""

    environment: str
    tag: str
    digests: dict[str, str]
    verdict: str
    """`done`, `taken back`, or `does not answer`: what passed before, and was left as it is."""
    message: str
    approved_by: str | None
    at: str
    """When it ended (ISO 8601)."""

    def write(self, folder: Path) -> Path:
        """Write it into `folder`, in the place of what was said before of this tag there.

        Raises:
            OSError: it cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        file = _file(folder, self.environment, self.tag)
        file.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        return file


def require_approval(environment: Environment, images: TagImages, approved_by: str | None, records: Path) -> None:
    """See that somebody who may has said yes, and that the same images have passed where they had to.

    Raises:
        RefusedError: not so.
    """
    asked = environment.approval
    if asked is None:
        return
    names = ", ".join(asked.by)
    if approved_by is None:
        raise RefusedError(f"{environment.name} needs somebody's yes. Give it with --approved-by, one of {names}.")
    if approved_by.casefold() not in {name.casefold() for name in asked.by}:
        raise RefusedError(f"{approved_by} may not approve for {environment.name}. Ask one of {names}.")
    file = _file(records, asked.after, images.tag)
    cure = f"Deliver it there first: scripts/deploy {asked.after} {images.tag}"
    try:
        passed = json.loads(file.read_text(encoding="utf-8"))
        verdict, digests = passed["verdict"], passed["digests"]
    except FileNotFoundError:
        raise RefusedError(f"Nothing says that {images.tag} passed in {asked.after}: no {file}. {cure}") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise RefusedError(f"{file} is no record of a delivery. {cure}") from None
    if verdict != "done":
        raise RefusedError(f"{images.tag} did not pass in {asked.after}: {passed.get('message')} {cure}")
    if digests != images.digests:
        raise RefusedError(f"Other images of {images.tag} passed in {asked.after} than {images.file} names. {cure}")


def _file(folder: Path, environment: str, tag: str) -> Path:
    return folder / f"{environment}-{tag}.json"
