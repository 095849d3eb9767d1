"""Starting Spark: what must be installed, and the properties it is started with.

What is here: `start_session` and `require_spark`.
What to add here: a property that every master needs; one that a site needs is `CREDIT_PLATFORM_SPARK_OPTIONS`.
What must not be here: reading or writing of tables. PySpark is imported inside functions: it is an extra.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from credit_platform.errors import EngineError

JAVA = 17
"""Oldest Java that Spark 4 runs on."""

_LOGGING = Path(__file__).with_name("log4j2.properties")
_COMMON = {
    "spark.app.name": "credit-platform",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}",
    "spark.driver.memory": "4g",
    "spark.sql.session.timeZone": "UTC",
    # The Delta log says which files belong to a table; a marker file would only lie about.
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    # A file must be cut into the same blocks whenever it is read: lines are numbered by block.
    "spark.sql.files.minPartitionNum": "2",
    "spark.executorEnv.POLARS_MAX_THREADS": "1",
}
_LOCAL = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
_ELSE = "or use CREDIT_PLATFORM_ENGINE=polars, which needs neither."


def start_session(master: str, options: Mapping[str, str]) -> Any:
    """Start Spark on `master`; `options` are Spark properties and go before ours. A local master binds to 127.0.0.1.

    Raises:
        EngineError: PySpark or Java is missing or too old, or Spark does not start.
    """
    require_spark()
    local = master.startswith("local")
    properties: dict[str, str | bool | float | int | None] = {**_COMMON, **(_LOCAL if local else {}), **options}
    _prepare_python(options.get("spark.pyspark.python"), local=local)
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    try:
        return SparkSession.builder.master(master).config(map=properties).getOrCreate()
    except (PySparkException, OSError, RuntimeError) as error:
        raise EngineError(
            f"Spark did not start on {master}: {str(error).strip().splitlines()[0]}",
            "Check CREDIT_PLATFORM_SPARK_MASTER and CREDIT_PLATFORM_SPARK_OPTIONS, " + _ELSE,
        ) from error


def require_spark() -> None:
    """Look for what Spark needs on this machine.

    Raises:
        EngineError: PySpark or Java is missing or too old.
    """
    _require_pyspark()
    _require_java()


def _require_pyspark() -> None:
    if importlib.util.find_spec("pyspark") is None:
        raise EngineError(
            "The engine spark needs PySpark, which is not installed.",
            "Install the extra `spark`: `make install-dev`, or pip install 'credit-platform[spark]'; " + _ELSE,
        )


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    if java is None:
        where = f"JAVA_HOME ({home}) holds none" if home else "no `java` was found"
        raise EngineError(
            f"The engine spark needs Java {JAVA} or later; {where}.",
            f"Install it (Debian: apt-get install openjdk-{JAVA}-jre-headless) or set JAVA_HOME; " + _ELSE,
        )
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603  # found above
    version = re.search(r'version "(\d+)', said)
    if version is not None and int(version.group(1)) < JAVA:
        raise EngineError(
            f"The engine spark needs Java {JAVA} or later; {java} is Java {version.group(1)}.",
            f"Install Java {JAVA} and set JAVA_HOME to its folder, " + _ELSE,
        )


def _prepare_python(chosen: str | None, *, local: bool) -> None:
    """Tell Spark which Python its workers run; it listens to environment variables, not to properties."""
    if chosen or local:
        os.environ["PYSPARK_PYTHON"] = chosen or sys.executable
    if local:
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
