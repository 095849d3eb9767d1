"""An environment to deliver to: fake Helm and kubectl, a service on loopback, in a folder with space and accent."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from credit_platform_tests.stub_service import KEY, Stub, stub_service
from credit_platform_tests.unit.delivery.fakes import FakeCluster
from scripts.delivery.deploy import main
from scripts.delivery.images import chart_version, digests_yaml
from scripts.images.build import IMAGES

TAG = f"v{chart_version()}"


@dataclass(frozen=True)
class Done:
    """How a delivery ended."""

    returncode: int
    stderr: str


@dataclass
class Place:
    """Where things are delivered to."""

    folder: Path
    cluster: FakeCluster
    service: Stub
    variables: dict[str, str] = field(default_factory=dict)

    def write_digests(self, tag: str = TAG, letter: str = "a") -> Path:
        """What a release says of its images."""
        file = self.folder / "records" / tag / "values-digests.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        digests = dict.fromkeys(IMAGES, f"sha256:{letter * 64}")
        file.write_text(digests_yaml(tag, "registry.example.org/lending", digests), encoding="utf-8")
        return file

    def write_environment(self, name: str, **changes: Any) -> None:
        """An environment that is loaded shortly."""
        document = {
            "namespace": f"credit-{name}",
            "values": ["own-values.yaml"],
            "services": [{"url": self.service.url}],
            "patience_seconds": 0,
            "load": {"route": "/predict", "clients": 2, "seconds": 0.2, "p95_ms": 60000},
            **changes,
        }
        (self.folder / "environments" / f"{name}.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")

    def deploy(self, *words: str) -> Done:
        """The script's program, in this process."""
        folders = ("--environments", str(self.folder / "environments"), "--records", str(self.folder / "records"))
        said = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stderr(said):
            for name in [name for name in os.environ if name.startswith("CREDIT_PLATFORM_")]:
                patch.delenv(name)
            for name, value in self.variables.items():
                patch.setenv(name, value)
            try:
                status = main([*words, *folders])
            except SystemExit as ended:  # of the parser
                status = int(str(ended.code))
        return Done(status, said.getvalue())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    folder = tmp_path / "mes données é"
    (folder / "environments").mkdir(parents=True)
    values = "service: {enabled: true, replicas: 3}\n"
    (folder / "environments" / "own-values.yaml").write_text(values, encoding="utf-8")
    with stub_service() as service:
        before = {"service": {"enabled": True, "replicas": 3}, "images": {"registry": "of before"}}
        cluster = FakeCluster(folder, f"credit-platform-{chart_version()}", before)
        own = {
            "CREDIT_PLATFORM_HELM": cluster.helm,
            "CREDIT_PLATFORM_KUBECTL": cluster.kubectl,
            "CREDIT_PLATFORM_DELIVERY_KEY": KEY,
            "CREDIT_PLATFORM_HOME": str(folder / "home"),
        }
        made = Place(folder, cluster, service, own)
        made.write_environment("staging")
        approval = {"after": "staging", "by": ["Head of Risk"]}
        made.write_environment("production", namespace="credit", approval=approval)
        made.write_digests()
        yield made
