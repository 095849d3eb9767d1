"""The metrics of data and model: what the tables of the lakehouse say, and whether databases answer.

What is here: `DATA` and `MODEL`.
What to add here: a metric that a collector of `monitoring/exporter` reads.
What must not be here: reading. A table that is not there yet makes its metrics absent, and its collector succeed.
"""

from __future__ import annotations

from credit_platform.monitoring.metrics.metric import Label, gauge
from credit_platform.monitoring.metrics.pipeline import PORTFOLIO

DATA_LAYERS = ("raw", "aggregates", "features")
"""Layers whose tables have rows to count; elsewhere they are evidence and say something else."""
DATA_TABLES = ("monitoring/decisions", "monitoring/outcomes")
"""Others that have."""
DRIFT_FEATURES = 20
"""Features told one by one: those most important to the champion."""
FIGURES = ("auc", "default_rate", "brier", "ks", "cost_per_loan", "cost_per_applicant", "acceptance_rate")
"""Of `monitoring/performance`, those that are told."""
BASES = ("outcomes", "expected", "yardstick", "decisions")
QUESTIONS = ("calibration", "discrimination", "concept")
_TABLE = Label(name="table", source=f"tables of the layers {', '.join(DATA_LAYERS)}, and {', '.join(DATA_TABLES)}")
_FEATURE = Label(name="feature", source=f"features of the champion, the {DRIFT_FEATURES} most important")

ROWS = gauge("table_rows", "Rows of a table's newest version.", "rows", PORTFOLIO, _TABLE, blind="Older versions.")
BYTES = gauge(
    "table_bytes",
    "Size of a table's newest version.",
    "bytes",
    PORTFOLIO,
    _TABLE,
    blind="Older versions that are kept.",
)
WRITTEN = gauge(
    "table_written_timestamp_seconds",
    "When the newest version of a raw table was written.",
    "timestamp",
    PORTFOLIO,
    Label(name="table", source="raw tables of the portfolio"),
    blind="Files that are the same as before write no version.",
)
REJECTED = gauge(
    "table_rejected_ratio",
    "Share of a raw file's rows that broke the contract and were set aside, of the newest version.",
    "ratio",
    PORTFOLIO,
    Label(name="table", source="raw tables of the portfolio"),
    blind="A file that was refused whole leaves the version before it, and its share.",
)
DISK_USED = gauge(
    "home_disk_used_bytes",
    "Space used on the disk where the home lies.",
    "bytes",
    blind="Other disks, object stores, quotas; who uses it.",
)
DISK_SIZE = gauge(
    "home_disk_size_bytes",
    "Space of the disk where the home lies, used and free; what is kept back for the system is neither.",
    "bytes",
    blind="As above.",
)
MLFLOW = gauge(
    "mlflow_reachable",
    "1 when MLflow's store answers, else 0.",
    "1/0",
    blind="Its artefacts. A file counts as a store.",
)
DECISION_LOG = gauge(
    "decision_log_reachable",
    "1 when the database of a decision log answers the exporter, else 0; absent while it is a file that is not there.",
    "1/0",
    Label(name="log", source="names of CREDIT_PLATFORM_DECISION_LOGS; `home` without"),
    blind="Whether services can write to it: see log_available.",
)
DATA = (ROWS, BYTES, WRITTEN, REJECTED, DISK_USED, DISK_SIZE, MLFLOW, DECISION_LOG)

CHAMPION_INFO = gauge(
    "champion_info",
    "1 for the model in production, as the lakehouse says.",
    "1/0",
    PORTFOLIO,
    Label(name="candidate", source="candidates of the portfolio"),
    Label(name="version", source="of the one champion"),
    Label(name="digest", source="first twelve letters, of the one champion"),
    blind="What services answer with: see model_info.",
)
PROMOTED = gauge(
    "champion_promoted_timestamp_seconds",
    "When the champion was promoted: time() less this is its age.",
    "timestamp",
    PORTFOLIO,
    blind="When it was trained, and on data of which time.",
)
CHAMPION_AUC = gauge(
    "champion_holdout_auc",
    "AUC of the champion on the holdout, at its promotion.",
    "ratio",
    PORTFOLIO,
    blind="How it does now: see performance. The holdout has everybody, production only whom it accepts.",
)
CHAMPION_THRESHOLD = gauge(
    "champion_threshold",
    "Probability of default from which on the champion refuses.",
    "ratio",
    PORTFOLIO,
    blind="The band of review around it.",
)
DRIFT_SCORE = gauge(
    "drift_score",
    "Share of the champion's importance that drifted on the newest day that was judged.",
    "ratio",
    PORTFOLIO,
    blind="Features with too few decisions to say. 0 also when nothing could be judged: see drift_level.",
)
DRIFT_LEVEL = gauge(
    "drift_level",
    "0 stable, 1 watch (1 or 2 features drifted), 2 retrain (3 or more), -1 too few decisions to say.",
    "-1/0/1/2",
    PORTFOLIO,
    blind="How much it matters: see drift_score.",
)
DRIFT_DAY = gauge(
    "drift_day_timestamp_seconds",
    "Beginning of the newest day that was judged, in UTC.",
    "timestamp",
    PORTFOLIO,
    blind="A day without decisions is not judged.",
)
DRIFTED = gauge(
    "drift_features_drifted", "Features that drifted: certain and material.", "features", PORTFOLIO, blind="Which."
)
PLAIN_KS = gauge(
    "drift_features_plain_ks",
    "Features with p < 0.05 in a plain test, unadjusted: shown beside, never a reason to alarm.",
    "features",
    PORTFOLIO,
    blind="With many features or decisions it is never 0.",
)
INCIDENTS = gauge(
    "drift_feed_incidents", "Features whose feed broke, such as gone missing.", "features", PORTFOLIO, blind="Which."
)
SCORE_PSI = gauge(
    "drift_score_psi",
    "Population stability index of the probabilities; absent with too few decisions.",
    "index",
    PORTFOLIO,
    blind="Shifts that cancel out.",
)
ACCEPTANCE = gauge(
    "drift_expected_acceptance_ratio",
    "Share that the champion accepts, of the population of its training and of the one that was judged.",
    "ratio",
    PORTFOLIO,
    Label(name="population", values=("training", "now")),
    blind="What reviews end in.",
)
FEATURE_PSI = gauge(
    "drift_feature_psi",
    "Population stability index of a feature, of those most important to the champion.",
    "index",
    PORTFOLIO,
    _FEATURE,
    blind="The others. High with few decisions by chance: drift_level knows which count.",
)
PERFORMANCE = gauge(
    "performance",
    "A figure of the champion: from mature outcomes, expected from probabilities, on the holdout (yardstick), or of "
    "its decisions.",
    "ratio or cost",
    PORTFOLIO,
    Label(name="figure", values=FIGURES),
    Label(name="basis", values=BASES),
    blind="Whom it refused. Absent where the table has no figure. `expected` and `decisions` are of the newest month, "
    "the rest of all mature months together.",
)
VERDICT = gauge(
    "performance_verdict",
    "What mature outcomes say of the champion: 0 holds, 1 does not hold, -1 not known yet.",
    "-1/0/1",
    PORTFOLIO,
    Label(name="question", values=QUESTIONS),
    blind="Loans that are not mature.",
)
MATURE = gauge("outcomes_mature", "Mature outcomes of the champion.", "loans", PORTFOLIO, blind="Younger ones.")
MATURE_DEFAULTS = gauge("outcomes_mature_defaults", "Defaults among them.", "loans", PORTFOLIO, blind="As above.")
OUTCOMES_NEWEST = gauge(
    "outcomes_newest_timestamp_seconds",
    "Day of the newest observation that counts: time() less this is the lag of outcomes.",
    "timestamp",
    PORTFOLIO,
    blind="Loans of whom nothing was ever told.",
)
OUTCOME_LOANS = gauge("outcomes_loans", "Decisions with an outcome.", "loans", PORTFOLIO, blind="Whether it is mature.")
MODEL = (
    *(CHAMPION_INFO, PROMOTED, CHAMPION_AUC, CHAMPION_THRESHOLD, DRIFT_SCORE, DRIFT_LEVEL, DRIFT_DAY, DRIFTED),
    *(PLAIN_KS, INCIDENTS, SCORE_PSI, ACCEPTANCE, FEATURE_PSI, PERFORMANCE, VERDICT, MATURE),
    *(MATURE_DEFAULTS, OUTCOMES_NEWEST, OUTCOME_LOANS),
)
