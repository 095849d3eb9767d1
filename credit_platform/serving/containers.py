"""An image of its own for a promoted Bento, for whoever must move models as images.

What is here: `containerize`.
What to add here: another thing that such an image must say of its model.
What must not be here: the image that a Bento runs in (`docker/service.Dockerfile`), which holds no model.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from credit_platform.errors import ServiceError
from credit_platform.serving.bento_fetching import fetch_bento
from credit_platform.settings import Settings

BUILD_SECONDS: Final = 600.0
"""Copying one folder takes seconds; a base that is pulled first takes minutes."""
_RECIPE: Final = """\
ARG BASE
FROM ${BASE}
COPY bento /bento/current
WORKDIR /bento/current/src
"""
_TAIL: Final = 2000


@dataclass(frozen=True, kw_only=True)
class BentoImage:
    """An image that was built."""

    reference: str
    """Name and tag: the portfolio, and the digest of all that the Bento serves with."""
    bento: str
    """Tag of the Bento inside."""
    digest: str
    """Digest of its scorer."""


def containerize(settings: Settings, portfolio: str, digest: str, *, base: str, prefix: str) -> BentoImage:
    """Build an image of one promoted Bento, which is compared with the record of its promotion first.

    Args:
        settings: where tables and artefacts lie.
        portfolio: whose Bento.
        digest: SHA-256 (hex) of what it serves with, or of its scorer.
        base: image that it runs in; `docker/service.Dockerfile` is the recipe.
        prefix: registry and path before the image's name.

    Raises:
        ServiceError: nothing of this digest was promoted, docker is missing or failed.
        ArtefactError: the Bento is not stored any more, or was altered where it is stored.
        ScorerError: what was stored is not what was promoted.
    """
    with tempfile.TemporaryDirectory(prefix="credit-platform-image-") as folder:
        record = fetch_bento(settings, portfolio, digest, Path(folder) / "bento")
        served = record.source_digest or record.digest
        reference = f"{prefix.rstrip('/')}/service-{portfolio.replace('_', '-')}:{served}"
        labels = {"credit-platform.bento": record.tag, "credit-platform.bento-digest": served}
        labels |= {"credit-platform.scorer-digest": record.digest}
        _build(Path(folder), reference, base, labels)
    return BentoImage(reference=reference, bento=record.tag, digest=record.digest)


def _build(folder: Path, reference: str, base: str, labels: dict[str, str]) -> None:
    program = shutil.which("docker")
    if program is None:
        raise ServiceError(
            "The program docker is not installed here.",
            "Install it with an engine; or serve without an image of its own: credit-platform fetch-bento.",
        )
    (folder / "Dockerfile").write_text(_RECIPE, encoding="utf-8")
    said = [part for name, value in labels.items() for part in ("--label", f"{name}={value}")]
    command = [program, "build", "--tag", reference, "--build-arg", f"BASE={base}", *said, str(folder)]
    try:
        done = subprocess.run(  # noqa: S603  # docker, with arguments made here
            command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise ServiceError(
            f"docker build took more than {BUILD_SECONDS:.0f} s.", f"Pull {base} first, and try again."
        ) from None
    if done.returncode != 0:
        raise ServiceError(
            "docker build failed.",
            f"Mend what it says (the base {base} is built by make images):\n{done.stderr[-_TAIL:].strip()}",
        )
