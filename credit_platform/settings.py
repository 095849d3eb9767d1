"""Every setting of the platform, its default and its environment variable.

What is here: `Settings`, read from `CREDIT_PLATFORM_*` environment variables, with a docstring under each field.
What to add here: a field for whatever a user may want to change without changing code.
What must not be here: settings of runs (`run_settings.py`), and values that belong to a portfolio (costs, floors,
contracts): those live in `portfolios/`.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from credit_platform.deployment_settings import DeploymentSettings
from credit_platform.run_settings import RunSettings


def _place(value: object) -> object:
    """A folder as a path, so that it is one; the address of an object store as it was given."""
    if isinstance(value, str):
        return value if _is_remote(value) else Path(value.removeprefix("file://"))
    return value


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _folders(value: str | None) -> str | None:
    """Existing folders, absolute: programs that are started from here may work in another folder."""
    named = [Path(folder) for folder in (value or "").split(os.pathsep) if folder]
    for folder in named:
        if not folder.is_dir():
            raise ValueError(f"{folder} is no folder")
    return os.pathsep.join(str(folder.resolve()) for folder in named) or None


class Settings(RunSettings, DeploymentSettings):
    """Settings of one process; build it once and hand it down."""

    home: Path = Path(".credit_platform")
    """Folder that holds raw files, tables, models and reports (`CREDIT_PLATFORM_HOME`)."""

    lakehouse_url: str | None = None
    """Where Delta tables live: a folder or an object store URL (`s3://…`, `gs://…`). Default: `<home>/lakehouse`."""

    artefact_url: str | None = None
    """Where scorers, Bentos, documents and reports live, by key: a folder or an object store URL. Default: beside the
    lakehouse, in `<home>/artefacts` or in `artefacts` of the same bucket."""

    artefact_cache: Path | None = None
    """Folder of copies of what lies in an object store, which may be deleted at any time. Default:
    `~/.cache/credit_platform/artefacts`."""

    database_url: str | None = None
    """PostgreSQL database for MLflow, Optuna, the decision log and Dagster at once, `postgresql+psycopg://…`; each has
    a setting of its own that goes before. Default: SQLite files in the home."""

    dagster_url: str | None = None
    """PostgreSQL database of Dagster's runs, events and schedules. Default: the schema `dagster` of `database_url`,
    else SQLite files in `<home>/dagster`."""

    raw: Annotated[Path | str | None, BeforeValidator(_place)] = None
    """Where the raw files of the portfolio to run are: a folder, or `s3://…`, `gs://…`, `az://…`, where `{portfolio}`
    stands for its name. Default: `<home>/raw/<portfolio>`, else, in a home that never ingested a file of its own, the
    shipped files."""

    portfolios: Annotated[str | None, AfterValidator(_folders)] = None
    """Folders outside the package with portfolios, separated as in `PATH`; each holds a folder for each of them."""

    engine: Literal["polars", "spark"] = "polars"
    """What builds tables and features."""

    spark_master: str = "local[*]"
    """Spark master, when `engine` is `spark`: `local[*]`, `spark://host:7077`, `k8s://https://host:443`."""

    spark_options: dict[str, str] = Field(default_factory=dict)
    """Spark properties that go before the platform's own, as JSON: `{"spark.driver.memory": "8g"}`."""

    mlflow_tracking_uri: str | None = None
    """MLflow tracking and registry store. Default: the schema `mlflow` of `database_url`, else
    `sqlite:///<home>/mlflow/mlflow.db`."""

    mlflow_artifact_root: str | None = None
    """Folder or object store URL (`s3://…`) of MLflow's artefacts. Default: what an MLflow server chooses, where
    `mlflow_tracking_uri` names one; else `mlflow` in the object store of artefacts, or `<home>/mlflow/artifacts`."""

    profile: Literal["quick", "full"] = "quick"
    """`quick` for demos and development, `full` for figures that someone will rely on (more trials, more rounds)."""

    candidates: tuple[str, ...] | None = None
    """Candidates to compare, as JSON: `["lightgbm", "logistic_regression"]`. Default: all of the portfolio's."""

    tuning_trials: int | None = Field(default=None, ge=1)
    """Optuna trials for `models/tuned`. Default: 15 in the quick profile, 60 in the full one."""

    tuning_storage: str | None = None
    """Database of the Optuna studies, such as `postgresql+psycopg://…`. Default: the schema `optuna` of
    `database_url`, else `<home>/optuna/<portfolio>.db`."""

    seed: int = 7
    """Seed of folds, models and bootstraps: same data, code and seed give the same figures."""

    threads: int = Field(default=2, ge=1)
    """Threads that one model may use while it is trained."""

    pins: dict[str, int] = Field(default_factory=dict)
    """Versions to read instead of the newest, as JSON: `{"german_credit/raw/applications": 3}`."""

    approval: Literal["automatic", "manual"] | None = None
    """Not who runs decides whether a person must approve, but the portfolio and the home (`credit-platform approval`).
    `manual` is written into the home as its policy when the gate is asked; `automatic` loosens nothing."""

    weekly_run: bool = False
    """Whether whole portfolios run every Monday from the start; a schedule switched in the UI stays as it is."""

    notify_webhook: SecretStr | None = None
    """Slack-compatible webhook that is told of incidents, besides the file `<home>/notifications.jsonl`."""

    notify_smtp: SecretStr | None = None
    """Mail server that sends notices: `smtp://user:password@host:587`, or `smtps://…`. Needs `notify_mail_to`."""

    notify_mail_to: tuple[str, ...] = ()
    """Who gets notices by e-mail, as JSON: `["risk@lender.example"]`. Needs `notify_smtp`."""

    notify_mail_from: str | None = None
    """Sender of these e-mails. Default: this account at this host."""

    notify_pager_key: SecretStr | None = None
    """Routing key of a pager (PagerDuty's Events API v2), which is told of errors and of their end, not of warnings."""

    notify_pager_url: str = "https://events.pagerduty.com/v2/enqueue"
    """Where that pager takes events."""

    incidents_url: str | None = None
    """Database that remembers which incidents are open and told. Default: the schema `incidents` of `database_url`,
    else SQLite in `<home>/incidents`."""

    pages_url: str | None = None
    """Address of Dagster's pages for links in notices, as people open it. `make up` sets it for its programs."""

    ship_histories: bool = True
    """Whether a Bento carries the history features of known applicants: personal data, see docs/operations.md."""

    decision_log_url: str | None = None
    """Database of the decision log, `postgresql+psycopg://…` or `sqlite:///…`. Default: `database_url`, else
    one in `<home>/decisions`."""

    decision_checkpoints: Annotated[Path | str | None, BeforeValidator(_place)] = None
    """Folder or object store (`s3://…`) of the decision log's checkpoints: best where the owner of its database cannot
    write. Default: `checkpoints` beside an SQLite file; `<home>/decisions/checkpoints` for PostgreSQL."""

    decision_logs: dict[str, str] | tuple[str, ...] | None = None
    """Databases of the decision logs of all services, for `monitoring/decisions`, as JSON: `["postgresql+psycopg://…"]`,
    or with the names they keep when an address changes: `{"paris": "postgresql+psycopg://…"}`. Default: the decision
    log of this home, by the name `home`."""

    shadow_scorer: str | None = None
    """Scores along beside the champion in `serve` and `up`: a scorer's folder, or `challenger`. Default: none."""

    api_keys: Path | None = None
    """File of the scoring service's API keys, as hashes. Default: `<home>/api_keys.json`; where the artefacts lie
    elsewhere, that file is a copy of what is stored there as `api_keys.json`."""

    exporter_seconds: float = Field(default=30.0, ge=1.0)
    """Seconds from the end of a look of the exporter's collectors to the next one; a scrape gets what was seen last."""

    log_level: Annotated[Literal["debug", "info", "warning", "error", "critical"], BeforeValidator(_lower)] = "info"
    """From which level on log lines are written, by every program of the platform."""

    dagster_webserver: str | None = None
    """Dagster's web server, which the exporter asks whether code locations load: `http://host:port`, or `unix:` and the
    path of a socket. Default: it is not asked; `up` names its own."""

    @property
    def lakehouse_root(self) -> str:
        """Root under which every Delta table lies, as a path or URL."""
        return self.lakehouse_url or str((self.home / "lakehouse").resolve())

    @property
    def artefact_root(self) -> str:
        """Root under which artefacts lie by key, as a path or URL."""
        if self.artefact_url is not None:
            return self.artefact_url
        if self.lakehouse_url is None or not _is_remote(self.lakehouse_url):
            return str((self.home / "artefacts").resolve())
        scheme, _, path = self.lakehouse_url.rstrip("/").partition("://")
        bucket, _, folder = path.partition("/")
        return "/".join(part for part in (f"{scheme}://{bucket}", folder.rpartition("/")[0], "artefacts") if part)

    @property
    def keeps_artefacts_at_home(self) -> bool:
        """Whether artefacts lie in the home, and with them whatever is shared by those who share the artefacts."""
        return self.artefact_root == str((self.home / "artefacts").resolve())

    @property
    def artefact_cache_folder(self) -> Path:
        """Folder of local copies of artefacts; outside everything that is kept."""
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return self.artefact_cache or Path(base) / "credit_platform" / "artefacts"

    @property
    def mlflow_uri(self) -> str:
        """Tracking URI handed to MLflow."""
        default = f"sqlite:///{(self.home / 'mlflow' / 'mlflow.db').resolve()}"
        return self.mlflow_tracking_uri or self._schema("mlflow") or default

    @property
    def decision_log(self) -> str:
        """URL of the decision log's database."""
        default = f"sqlite:///{(self.home / 'decisions' / 'decisions.db').resolve()}"
        return self.decision_log_url or self.database_url or default

    @property
    def decision_logs_by_name(self) -> dict[str, str]:
        """Databases of all decision logs, by the name that tables call them; this home's own where none is named."""
        if not self.decision_logs:
            return {"home": self.decision_log}
        if isinstance(self.decision_logs, dict):
            return dict(self.decision_logs)
        return {"home" if url == self.decision_log else _without_login(url): url for url in self.decision_logs}

    @property
    def tuning_database(self) -> str | None:
        """Database of the Optuna studies of every portfolio; None where each has a file of its own."""
        return self.tuning_storage or self._schema("optuna")

    @property
    def dagster_database(self) -> str | None:
        """PostgreSQL address for Dagster, whose driver is psycopg2; None where it keeps SQLite files."""
        url = self.dagster_url or self._schema("dagster")
        return url and f"postgresql://{url.partition('://')[2]}"

    @property
    def incident_database(self) -> str:
        """URL of the database of incidents."""
        default = f"sqlite:///{(self.home / 'incidents' / 'incidents.db').resolve()}"
        return self.incidents_url or self._schema("incidents") or default

    def _schema(self, name: str) -> str | None:
        """Address of a schema of the one database: MLflow, Optuna and Dagster give tables the same names."""
        if self.database_url is None:
            return None
        separator = "&" if "?" in self.database_url else "?"
        return f"{self.database_url}{separator}options={quote(f'-csearch_path={name}')}"

    @property
    def api_keys_file(self) -> Path:
        """File of API keys; it may not exist."""
        return self.api_keys or self.home / "api_keys.json"

    @property
    def mlflow_artifacts(self) -> str | None:
        """Where MLflow keeps artefacts, a folder or URL; None where an MLflow server chooses."""
        if self.mlflow_artifact_root is not None:
            return self.mlflow_artifact_root
        if self.mlflow_uri.startswith(("http://", "https://")):
            return None
        if _is_remote(self.artefact_root):
            return f"{self.artefact_root.rstrip('/')}/mlflow"
        return str((self.home / "mlflow" / "artifacts").resolve())

    @property
    def trials(self) -> int:
        """Number of Optuna trials of this profile."""
        return self.tuning_trials or (60 if self.profile == "full" else 15)

    def raw_url(self, portfolio: str) -> str | None:
        """Folder of an object store where the raw files of `portfolio` are; None where they are on this machine."""
        return self.raw.replace("{portfolio}", portfolio).rstrip("/") if isinstance(self.raw, str) else None

    def raw_folder(self, portfolio: str) -> Path:
        """Folder where a user puts raw files of `portfolio`, or of the copies of those in an object store."""
        if (url := self.raw_url(portfolio)) is not None:
            return self.artefact_cache_folder / "raw" / hashlib.sha256(url.encode()).hexdigest()[:16]
        return Path(self.raw or self.home / "raw" / portfolio)

    def reports_folder(self, portfolio: str) -> Path:
        """Folder of charts, CSV files and HTML reports of `portfolio`."""
        return self.home / "reports" / portfolio


def _is_remote(address: str) -> bool:
    return "://" in address and not address.startswith("file://")


def _without_login(address: str) -> str:
    """An address of a database without driver, user, password and options."""
    return address.partition("?")[0].partition("://")[2].rpartition("@")[2]
