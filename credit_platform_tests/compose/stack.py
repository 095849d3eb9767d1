"""A project of docker compose with names, ports and secrets of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from scripts.images.engine import docker
from scripts.images.secrets import CONSOLE_KEY

FILES = ("--file", "docker-compose.yml", "--file", "docker-compose.test.yml")
PORTS = ("API", "DAGSTER", "MLFLOW", "CONSOLE", "PROMETHEUS", "ALERTMANAGER", "GRAFANA")
UP_SECONDS = 1800
PATIENCE = 240.0
Found = TypeVar("Found")


@dataclass(frozen=True)
class Stack:
    """A project; nothing of it is shared with another one."""

    project: str
    secrets: Path

    def compose(self, *arguments: str, check: bool = True) -> str:
        """Run `docker compose`, and say what it printed."""
        ports = {f"CREDIT_PLATFORM_{name}_PORT": "0" for name in PORTS}
        variables = {**os.environ, **ports, "CREDIT_PLATFORM_SECRETS": str(self.secrets)}
        done = docker("compose", *FILES, "--project-name", self.project, *arguments, check=False, variables=variables)
        if check and done.returncode != 0:
            logs = docker(
                "compose", *FILES, "--project-name", self.project, "logs", "--tail", "15", variables=variables
            )
            raise AssertionError(f"docker compose {' '.join(arguments)}:\n{done.stderr[-3000:]}\n{logs.stdout[-6000:]}")
        return done.stdout

    def address(self, service: str, port: int) -> str:
        """Where a port is on this machine; another one after each start of the container."""
        return f"http://{self.compose('port', service, str(port)).strip()}"

    def predict(self, application: dict[str, Any], **more: Any) -> httpx.Response:
        """Ask for a decision with the console's key."""
        address = f"{self.address('service', 3000)}/predict"
        return httpx.post(address, json=application, headers={"X-API-Key": self.key()}, timeout=30.0, **more)

    def key(self) -> str:
        """The console's API key."""
        return (self.secrets / CONSOLE_KEY).read_text(encoding="utf-8")

    def command(self, *words: str) -> str:
        """The command line of this machine, which asks the service as any client does."""
        variables = {
            **os.environ,
            "CREDIT_PLATFORM_HOME": str(self.secrets / "client"),
            "CREDIT_PLATFORM_CONSOLE_SERVICE": self.address("service", 3000),
            "CREDIT_PLATFORM_CONSOLE_API_KEY": self.key(),
        }
        program = Path(sys.executable).with_name("credit-platform")
        done = subprocess.run([program, *words], env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def platform(self, *words: str) -> str:
        """The command line where the platform runs."""
        return self.compose("exec", "-T", "dagster-code", "/opt/secrets.sh", "credit-platform", *words)

    def logged(self) -> int:
        """Decisions in the database."""
        return int(self.sql("SELECT count(*) FROM decisions"))

    def sql(self, statement: str) -> str:
        """What PostgreSQL answers."""
        psql = ("psql", "-U", "platform", "-d", "platform", "-h", "/var/run/postgresql", "-tAc", statement)
        return self.compose("exec", "-T", "postgresql", *psql).strip()

    def left(self) -> str:
        """Containers, volumes and networks that carry the project's name."""
        of = f"label=com.docker.compose.project={self.project}"
        kinds = (("container", "ls", "--all"), ("volume", "ls"), ("network", "ls"))
        return "".join(docker(*kind, "--quiet", "--filter", of).stdout for kind in kinds)


def until(what: str, ask: Callable[[], Found | None], seconds: float = PATIENCE) -> Found:
    """Ask until there is an answer that counts."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = ask()
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError(f"{what}: not within {seconds:.0f} s")
