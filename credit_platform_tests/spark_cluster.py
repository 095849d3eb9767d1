"""A standalone Spark cluster of one master and one worker on the loopback interface, from the pyspark wheel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

from credit_platform_tests.spark import QUICK, require_spark_or_skip

HOST = "127.0.0.1"
_SECONDS = 60.0
_MASTER = re.compile(rf"spark://{re.escape(HOST)}:\d+")
_REGISTERED = re.compile(r"Successfully registered with master")

CLUSTER_OPTIONS = {
    **QUICK,
    "spark.driver.host": HOST,
    "spark.driver.bindAddress": HOST,
    "spark.executor.memory": "1g",
    "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.pyspark.python": sys.executable,
}
"""What a site writes into `CREDIT_PLATFORM_SPARK_OPTIONS`, with the pace of a test."""


@contextmanager
def standalone_cluster(folder: Path) -> Iterator[str]:
    """Start master and worker, which write into `folder`; lend the address of the master, then stop both.

    The test is skipped, with the reason, where Spark cannot run.
    """
    require_spark_or_skip()
    with ExitStack() as stack:
        master = stack.enter_context(_daemon("master", folder, "master.Master", "--port", "0"))
        url = _wait_for(_MASTER, master)
        work = ("--cores", "1", "--memory", "1g", "--work-dir", str(folder / "work"))
        worker = stack.enter_context(_daemon("worker", folder, "worker.Worker", *work, url))
        _wait_for(_REGISTERED, worker)
        yield url


@contextmanager
def _daemon(name: str, folder: Path, main: str, *arguments: str) -> Iterator[Path]:
    """Run a class of Spark's `deploy` package by `spark-class`, as its start scripts do; lend its log."""
    found = find_spec("pyspark")
    assert found is not None
    assert found.origin is not None
    home = Path(found.origin).parent
    log = folder / f"{name}.log"
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": HOST,  # the web pages bind to it, too
        "SPARK_DAEMON_MEMORY": "256m",
        # The submission server would listen on a fixed port.
        "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -Dspark.master.rest.enabled=false",
    }
    command = ["bash", str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{main}"]
    with log.open("wb") as said:
        process = subprocess.Popen(
            [*command, "--host", HOST, "--webui-port", "0", *arguments],
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        yield log
    finally:
        process.terminate()
        process.wait(timeout=_SECONDS)


def _wait_for(pattern: re.Pattern[str], log: Path) -> str:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        if match := pattern.search(log.read_text(encoding="utf-8", errors="replace")):
            return match.group()
        time.sleep(0.2)
    raise AssertionError(f"Spark did not get ready:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
