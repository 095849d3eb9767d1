"""Settings of the scoring service and their environment variables.

What is here: `ServiceSettings`, read from `CREDIT_PLATFORM_SERVICE_*`, with a docstring under each field;
`service_settings` and `platform_settings`, which name what is wrong in a sentence.
What to add here: a limit or switch that an operator may want to change without building a new Bento.
What must not be here: settings of the platform (`credit_platform.settings`) or of a portfolio.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from credit_platform.errors import SettingError

_Kind = TypeVar("_Kind", bound=BaseSettings)
BUNDLED_SCORER = Path(__file__).resolve().parents[2] / "scorer"
"""Where a Bento carries its scorer: beside this package."""


class ServiceSettings(BaseSettings):
    """Limits of one service process."""

    model_config = SettingsConfigDict(env_prefix="CREDIT_PLATFORM_SERVICE_", frozen=True, use_attribute_docstrings=True)

    max_body_bytes: int = Field(default=1024 * 1024, ge=1024)
    """Largest request body, in bytes; more is answered with 413."""

    max_batch_bytes: int = Field(default=16 * 1024 * 1024, ge=1024)
    """Largest body of `/predict_batch`, in bytes; more is answered with 413."""

    max_batch_rows: int = Field(default=1000, ge=1)
    """Most applicants in one `/predict_batch`; more is answered with 413."""

    max_batch_unpacked_bytes: int = Field(default=64 * 1024 * 1024, ge=1024)
    """What the body of a batch may take once it is unpacked or parsed, in bytes; more is answered with 413."""

    batch_seconds: float = Field(default=60.0, gt=0)
    """Time to work through one `/predict_batch`, in seconds; more is answered with 413."""

    batches_at_once: int = Field(default=1, ge=1)
    """Batches worked through side by side; others wait. More do not end sooner, and slow single requests down."""

    max_bodies_bytes: int = Field(default=128 * 1024 * 1024, ge=1024)
    """What all bodies that are in memory may take together, in bytes; more is answered with 503."""

    body_seconds: float = Field(default=5.0, gt=0, le=60)
    """Time a client has to send its body, in seconds; more is answered with 408."""

    rate_per_second: float | None = Field(default=1000.0, gt=0)
    """Requests a second that an API key may send unless the key names its own rate; more is answered with 429."""

    public_metrics: bool = False
    """Whether `/metrics` needs no key: for a Prometheus that only the service's own network can reach."""

    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    """Port with metrics alone, which asks no key, for Prometheus. Default: none; `up` and `serve` choose one."""

    metrics_host: str = "127.0.0.1"
    """Address of that port: this machine alone by default; `0.0.0.0` only where a network policy guards it."""

    access_log: bool = True
    """Whether each request is logged; errors always are."""

    decision_log_inputs: Literal["full", "digest"] = "full"
    """Whether the decision log keeps what clients sent, or only its SHA-256 digest."""

    decision_log_queue: int = Field(default=10_000, ge=1)
    """Decisions that may wait for the log at once; more are answered with 503."""

    decision_log_seconds: float = Field(default=5.0, gt=0, le=60)
    """Time the log has to commit a decision, in seconds; more is answered with 503."""

    shadow_queue: int = Field(default=1000, ge=1)
    """Decisions that may wait for the challenger at once; more are dropped and counted, and answered all the same."""

    drain_seconds: float = Field(default=0.0, ge=0, le=600)
    """Time after SIGTERM in which `/health` says not ready and everything is still answered, in seconds: as long as it
    takes until nobody is sent here any more. Default: none, as where a proxy has switched already."""

    finish_seconds: float = Field(default=10.0, gt=0, le=3600)
    """Time that open requests then have to end, in seconds, while no new connection is taken."""

    deployed_at: str | None = None
    """Since when this Bento is told to answer here (ISO 8601), for `/model-info`: noted by what deploys in a cluster.
    Default: since the process began."""

    workers: int = Field(default=1, ge=1)
    """Processes that `bentoml serve` starts; `python -m bento` always runs one."""


def scorer_folder() -> Path:
    """Folder of the scorer to serve: `CREDIT_PLATFORM_SCORER`, else the one that came with the Bento."""
    return Path(os.environ.get("CREDIT_PLATFORM_SCORER") or BUNDLED_SCORER)


class PlatformSettings(BaseSettings):
    """What the service shares with the rest of the platform; `credit_platform.settings` has the same fields."""

    model_config = SettingsConfigDict(env_prefix="CREDIT_PLATFORM_", frozen=True, use_attribute_docstrings=True)

    home: Path = Path(".credit_platform")
    """Folder that holds the decision log and the API keys, unless they are elsewhere."""

    decision_log_url: str | None = None
    """Database of the decision log, such as `postgresql+psycopg://…`. Default: SQLite in `<home>/decisions`."""

    decision_checkpoints: str | None = None
    """Where the decision log's checkpoints lie. Default: beside an SQLite file, else in `<home>/decisions`."""

    database_url: str | None = None
    """PostgreSQL database of the whole platform; holds the decision log where it has none of its own."""

    shadow_scorer: str | None = None
    """Folder of a challenger's scorer that scores along without touching an answer. Default: none."""

    api_keys: Path | None = None
    """File of API keys. Default: `<home>/api_keys.json`."""

    authentication: Literal["required", "disabled"] = "required"
    """`disabled` lets everyone in: only behind a gateway that authenticates, or on a machine of your own."""

    owner_key: str | None = Field(default=None, pattern="^[0-9a-f]{8}:[0-9a-f]{64}$")
    """Id and SHA-256 of a key with all scopes for whoever started this process; it dies with the process."""


def service_settings() -> ServiceSettings:
    """The limits that the environment sets.

    Raises:
        SettingError: one of its variables cannot be used.
    """
    return _read(ServiceSettings)


def platform_settings() -> PlatformSettings:
    """What the environment says of the platform.

    Raises:
        SettingError: one of its variables cannot be used.
    """
    return _read(PlatformSettings)


def _read(kind: type[_Kind]) -> _Kind:
    try:
        return kind()
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)[0]  # a value may be a secret
        name = f"{kind.model_config.get('env_prefix', '')}{wrong['loc'][0]}".upper()
        raise SettingError(f"{name} cannot be used: {wrong['msg']}.", "Correct it, or unset it.") from None
