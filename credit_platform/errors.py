"""One class per failure a user can meet.

What is here: exceptions whose message names the thing that failed, where it is, and the cure.
What to add here: a class for each new failure a person may have to act on.
What must not be here: handling, logging, or errors that only a programmer can cause (use ValueError there).
"""

from __future__ import annotations


class CreditPlatformError(Exception):
    """Base of every failure that a user of the platform can meet and mend."""

    passing: bool = False
    """Whether it may be gone in a moment by itself, so that trying again helps."""

    def __init__(self, what: str, cure: str) -> None:
        """Keep what went wrong apart from what to do about it, so that a screen can show both."""
        super().__init__(f"{what} {cure}")
        self.what = what
        self.cure = cure


class UnknownPortfolioError(CreditPlatformError):
    """A portfolio was named that no folder of `credit_platform.portfolios` defines."""


class PortfolioError(CreditPlatformError):
    """The modules of a portfolio cannot be loaded."""


class RawFileError(CreditPlatformError):
    """A raw file as a whole cannot be used: missing, empty, truncated, not UTF-8, wrong header or delimiter."""


class ContractError(CreditPlatformError):
    """A table does not satisfy its contract and was not written."""


class RejectedShareError(CreditPlatformError):
    """More rows of a raw file were rejected than its contract allows."""


class AcceptanceError(CreditPlatformError):
    """A refused table cannot be put in force as asked: nothing was refused, or nobody may answer for what failed."""


class TableNotFoundError(CreditPlatformError):
    """A Delta table, or the version asked for, does not exist."""


class RecordError(CreditPlatformError):
    """What is recorded beside the rows of a table lacks a field, or holds one of another type."""


class TableWriteError(CreditPlatformError):
    """A table could not be committed, because other writers of the same table kept getting in first."""

    passing = True


class TableMovedOnError(CreditPlatformError):
    """A table was changed by another writer meanwhile, and what was to be written follows from what it was before."""

    passing = True


class DamagedTableError(CreditPlatformError):
    """A file or a commit of a Delta table is missing, cut off, or not the one that was written."""


class StorageError(CreditPlatformError):
    """A folder or an object store cannot be used: away, unknown bucket, wrong key, no permission, full, read-only."""


class ArtefactError(CreditPlatformError):
    """An artefact does not exist, was altered after it was stored, or its key cannot be one."""


class OvertakenError(ArtefactError):
    """Another process stored something under the key first."""


class FeatureError(CreditPlatformError):
    """A feature cannot be computed from what was given, or a set of features breaks one of its rules."""


class RequestError(CreditPlatformError):
    """A scoring request is not acceptable; `field` names the offending field."""

    def __init__(self, what: str, cure: str, field: str) -> None:
        """Name the field beside the message, so that an HTTP answer can point at it."""
        super().__init__(what, cure)
        self.field = field


class ScorerError(CreditPlatformError):
    """A scorer folder is incomplete, altered, or made for other feature definitions."""


class ModellingError(CreditPlatformError):
    """A candidate cannot be trained or compared on the data it was given."""


class TrackingError(CreditPlatformError):
    """MLflow lacks what the platform recorded there: an experiment, a run or a version was deleted."""


class PromotionRefusedError(CreditPlatformError):
    """The gate refused the challenger, so nothing downstream may use it."""


class ServiceError(CreditPlatformError):
    """The scoring service could not be built, started or reached."""


class EnvironmentSetupError(CreditPlatformError):
    """The machine or its variables do not let the platform prepare itself: a folder, a port, a missing command."""


class OutsideError(CreditPlatformError):
    """What the platform stands on failed: the disk, a database, an object store, MLflow, a server."""

    known: bool = True
    """Whether the fault was recognised; of another one nobody knows whether it passes."""


class BackupError(CreditPlatformError):
    """A backup cannot be made or restored: an unusable place, a file that is not the one that was put there."""


class ComponentError(CreditPlatformError):
    """A program that the platform started beside itself (Dagster, MLflow, service) did not start, or died."""


class SettingError(CreditPlatformError):
    """A setting or an option of a command has a value that cannot be used."""


class GenerationError(CreditPlatformError):
    """Synthetic files cannot be generated as asked for: an unknown option, or a size out of range."""


class ApiKeyError(CreditPlatformError):
    """API keys cannot be read, written or found, or the service was started without any."""


class DecisionLogError(CreditPlatformError):
    """The decision log cannot be reached or used; nothing was decided without it."""


class DecisionLogLostError(DecisionLogError):
    """The decision log holds less than its checkpoints vouch for, so nothing is decided with it."""


class NoticeError(CreditPlatformError):
    """Somebody cannot be told: a channel takes nothing, or incidents cannot be written down."""

    passing = True


class EngineError(CreditPlatformError):
    """The engine that the settings choose cannot be used: Spark, Java or PySpark is missing, or does not start."""


class BenchmarkError(CreditPlatformError):
    """A benchmark cannot be trusted or taken: a job failed, or platform and peer disagree."""
