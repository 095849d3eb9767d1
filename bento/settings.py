"""Settings of the scoring service and their environment variables.

What is here: `ServiceSettings`, read from `CREDIT_PLATFORM_SERVICE_*`, with a docstring under each field.
What to add here: a limit or switch that an operator may want to change without building a new Bento.
What must not be here: settings of the platform (`credit_platform.settings`) or of a portfolio.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

BUNDLED_SCORER = Path(__file__).resolve().parent.parent / "scorer"
"""Where a Bento carries its scorer: beside this package."""


class ServiceSettings(BaseSettings):
    """Limits of one service process."""

    model_config = SettingsConfigDict(env_prefix="CREDIT_PLATFORM_SERVICE_", frozen=True, use_attribute_docstrings=True)

    max_body_bytes: int = Field(default=1024 * 1024, ge=1024)
    """Largest request body, in bytes; more is answered with 413."""

    body_seconds: float = Field(default=5.0, gt=0, le=60)
    """Time a client has to send its body, in seconds; more is answered with 408."""

    workers: int = Field(default=1, ge=1)
    """Processes that `bentoml serve` starts; `python -m bento` always runs one."""


def scorer_folder() -> Path:
    """Folder of the scorer to serve: `CREDIT_PLATFORM_SCORER`, else the one that came with the Bento."""
    return Path(os.environ.get("CREDIT_PLATFORM_SCORER") or BUNDLED_SCORER)
