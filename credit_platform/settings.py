"""Every setting of the platform, its default and its environment variable.

What is here: `Settings`, read from `CREDIT_PLATFORM_*` environment variables, with a docstring under each field.
What to add here: a field for whatever a user may want to change without changing code.
What must not be here: values that belong to a portfolio (costs, floors, contracts): those live in `portfolios/`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one process; build it once and hand it down."""

    model_config = SettingsConfigDict(env_prefix="CREDIT_PLATFORM_", frozen=True, use_attribute_docstrings=True)

    home: Path = Path(".credit_platform")
    """Folder that holds raw files, tables, models and reports (`CREDIT_PLATFORM_HOME`)."""

    lakehouse_url: str | None = None
    """Where Delta tables live: a folder or an object store URL (`s3://…`, `gs://…`). Default: `<home>/lakehouse`."""

    raw: Path | None = None
    """Folder with the raw files of the portfolio to run. Default: `<home>/raw/<portfolio>`, else, in a home that
    never ingested a file of its own, the shipped files."""

    engine: Literal["polars", "spark"] = "polars"
    """What builds tables and features."""

    spark_master: str = "local[*]"
    """Spark master, when `engine` is `spark`: `local[*]`, `spark://host:7077`, `k8s://https://host:443`."""

    spark_options: dict[str, str] = Field(default_factory=dict)
    """Spark properties that go before the platform's own, as JSON: `{"spark.driver.memory": "8g"}`."""

    mlflow_tracking_uri: str | None = None
    """MLflow tracking and registry store. Default: `sqlite:///<home>/mlflow/mlflow.db`."""

    mlflow_artifact_root: str | None = None
    """Folder or object store URL (`s3://…`) of MLflow's artefacts. Default: `<home>/mlflow/artifacts`."""

    profile: Literal["quick", "full"] = "quick"
    """`quick` for demos and development, `full` for figures that someone will rely on (more trials, more rounds)."""

    candidates: tuple[str, ...] | None = None
    """Candidates to compare, as JSON: `["lightgbm", "logistic_regression"]`. Default: all of the portfolio's."""

    tuning_trials: int | None = Field(default=None, ge=1)
    """Optuna trials for `models/tuned`. Default: 15 in the quick profile, 60 in the full one."""

    tuning_storage: str | None = None
    """Database of the Optuna studies, such as `postgresql+psycopg://…`. Default: `<home>/optuna/<portfolio>.db`."""

    seed: int = 7
    """Seed of folds, models and bootstraps: same data, code and seed give the same figures."""

    threads: int = Field(default=2, ge=1)
    """Threads that one model may use while it is trained."""

    pins: dict[str, int] = Field(default_factory=dict)
    """Versions to read instead of the newest, as JSON: `{"german_credit/raw/applications": 3}`."""

    approval: Literal["automatic", "manual"] = "automatic"
    """`manual`: the gate waits for `credit-platform approve` before a model that passed every check is promoted."""

    notify_webhook: str | None = None
    """Slack-compatible webhook told of failed runs. Without it failures are written to `<home>/notifications.jsonl`."""

    ship_histories: bool = True
    """Whether a Bento carries the history features of known applicants: personal data, see docs/operations.md."""

    decision_log_url: str | None = None
    """Database of the decision log, `postgresql+psycopg://…` or `sqlite:///…`. Default: one in `<home>/decisions`."""

    decision_checkpoints: Path | None = None
    """Folder of the decision log's checkpoints: best one that the owner of its database cannot write to. Default:
    `checkpoints` beside an SQLite file; `<home>/decisions/checkpoints` for PostgreSQL."""

    shadow_scorer: str | None = None
    """Scores along beside the champion in `serve` and `up`: a scorer's folder, or `challenger`. Default: none."""

    api_keys: Path | None = None
    """File of the scoring service's API keys, as hashes. Default: `<home>/api_keys.json`."""

    @property
    def lakehouse_root(self) -> str:
        """Root under which every Delta table lies, as a path or URL."""
        return self.lakehouse_url or str((self.home / "lakehouse").resolve())

    @property
    def mlflow_uri(self) -> str:
        """Tracking URI handed to MLflow."""
        return self.mlflow_tracking_uri or f"sqlite:///{(self.home / 'mlflow' / 'mlflow.db').resolve()}"

    @property
    def decision_log(self) -> str:
        """URL of the decision log's database."""
        return self.decision_log_url or f"sqlite:///{(self.home / 'decisions' / 'decisions.db').resolve()}"

    @property
    def api_keys_file(self) -> Path:
        """File of API keys; it may not exist."""
        return self.api_keys or self.home / "api_keys.json"

    @property
    def mlflow_artifacts(self) -> str:
        """Where MLflow keeps artefacts: a folder or URL."""
        return self.mlflow_artifact_root or str((self.home / "mlflow" / "artifacts").resolve())

    @property
    def trials(self) -> int:
        """Number of Optuna trials of this profile."""
        return self.tuning_trials or (60 if self.profile == "full" else 15)

    def raw_folder(self, portfolio: str) -> Path:
        """Folder where a user puts raw files of `portfolio`; it may not exist."""
        return self.raw or self.home / "raw" / portfolio

    def reports_folder(self, portfolio: str) -> Path:
        """Folder of charts, CSV files and HTML reports of `portfolio`."""
        return self.home / "reports" / portfolio
