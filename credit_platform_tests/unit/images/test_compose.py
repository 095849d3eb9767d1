"""What every container of `docker-compose.yml` keeps to, by the file alone."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from credit_platform_tests.unit.images.recipes import ROOT
from scripts.chart.images import Images
from scripts.images.secrets import CONSOLE_KEY, KEYS, RANDOM, make_secrets

WHOLE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
TEST: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.test.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = WHOLE["services"]
WITHOUT_A_PROGRAM_TO_ASK = {"node-exporter", "postgres-exporter", "cadvisor", "loki", "alloy"}
ONCE = {"bucket", "migrations", "model", "spark"}
OF_COMPOSE_ALONE = {"cadvisor", "loki", "alloy"}
PROFILES = {"spark": {"spark"}, "notebook": {"notebook"}, "logs": {"loki", "alloy"}}
QUOTES_ROWS = {"postgresql", "object-store", "bucket", "postgres-exporter"}
"""What prints values of a row when it fails."""
services = pytest.mark.parametrize("name", sorted(SERVICES))


@services
def test_a_container_can_do_little_and_takes_little(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert service["logging"]["options"]["max-size"]
    assert not service.get("privileged")
    assert "network_mode" not in service


@services
def test_ports_are_on_the_loopback_address(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\$\{CREDIT_PLATFORM_[A-Z]+_PORT:-\d+\}:\d+", port)


@services
def test_it_is_started_again_and_asked_whether_it_is_well(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == ("no" if name in ONCE else "unless-stopped")
    assert ("test" in service.get("healthcheck", {})) == (name not in WITHOUT_A_PROGRAM_TO_ASK | ONCE)


@services
def test_no_program_starts_in_a_folder_that_docker_would_make(name: str) -> None:
    """It makes a missing one as root, in a volume too, where what belongs there can then not be put."""
    assert "working_dir" not in SERVICES[name]


@services
def test_who_asks_with_a_password_is_given_it(name: str) -> None:
    """What runs beside a program starts without the entry point, which reads the files of secrets."""
    asked = SERVICES[name].get("healthcheck", {}).get("test", [])
    needs = asked[1:2] not in (["python"], ["promtool"], ["amtool"]) and str(SERVICES[name]["image"]).startswith("${")
    assert not needs or not asked or asked[1] == "/opt/secrets.sh"


@services
def test_it_waits_for_what_is_well_and_not_for_what_is_started(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert how["condition"] == ("service_completed_successfully" if other in ONCE else "service_healthy")


@services
def test_no_secret_stands_in_the_file(name: str) -> None:
    service = SERVICES[name]
    for variable, value in service.get("environment", {}).items():
        secret = re.search(r"PASSWORD|PASS_|SECRET|ACCESS_KEY|API_KEY(?!S)|TOKEN", variable)
        assert not secret or re.match(r"/run/secrets/\w+$", str(value)), variable
        named = re.match(r"/run/secrets/(\w+)$", str(value))
        assert not named or named.group(1) in service["secrets"], variable
    assert not re.search(r"://\w+:[^@$]+@", str(service))


@services
def test_images_are_those_of_the_chart(name: str) -> None:
    given = Images().model_dump()
    others = {f"{image['repository']}:{image['tag']}" for image in given.values() if isinstance(image, dict)}
    image = SERVICES[name]["image"]
    own = re.fullmatch(r"\$\{IMAGE_PREFIX:-credit-platform\}/(\w+):\$\{IMAGE_TAG:-dev\}", image)
    assert own or image in others or name in OF_COMPOSE_ALONE, image
    assert not image.endswith(":latest")


def test_database_and_store_are_reached_from_containers_alone() -> None:
    assert WHOLE["networks"]["data"] == {"internal": True}
    for name in ("postgresql", "object-store"):
        assert SERVICES[name]["networks"] == ["data"]
        assert "ports" not in SERVICES[name]


def test_every_secret_is_one_that_is_made(tmp_path: Any) -> None:
    folder = tmp_path / "mes données é" / "secrets"
    assert sorted(make_secrets(folder)) == sorted((*RANDOM, CONSOLE_KEY, KEYS))
    files = {secret["file"].rpartition("/")[2] for secret in WHOLE["secrets"].values()}
    assert files == {*RANDOM, CONSOLE_KEY, KEYS}
    before = {name: (folder / name).read_text(encoding="utf-8") for name in files}
    assert make_secrets(folder) == []
    assert {name: (folder / name).read_text(encoding="utf-8") for name in files} == before
    assert folder.stat().st_mode & 0o777 == 0o700
    assert before[CONSOLE_KEY] not in before[KEYS]


def test_what_is_extra_starts_by_its_profile_alone() -> None:
    found = {name: set(service["profiles"]) for name, service in SERVICES.items() if "profiles" in service}
    assert found == {name: {profile} for profile, names in PROFILES.items() for name in names}
    assert not {other for name in SERVICES for other in SERVICES[name].get("depends_on", {})} & set(found)


def test_java_may_load_what_it_unpacks() -> None:
    """Docker mounts a tmpfs so that nothing in it is carried out, if it is not told otherwise."""
    assert SERVICES["spark"]["tmpfs"] == ["/tmp:exec"]


def test_a_line_says_whose_it_is_and_the_collector_asks_docker_nothing() -> None:
    asked = {service["logging"]["options"]["labels"] for service in SERVICES.values()}
    assert asked == {"com.docker.compose.project,com.docker.compose.service"}
    assert not [name for name, service in SERVICES.items() if "docker.sock" in str(service)]


def test_labels_of_lines_are_few_and_nobodys() -> None:
    """What Alloy and Loki are told, by their files alone: there are no images of theirs to try it with here."""
    told = (ROOT / "docker" / "compose" / "collect.alloy").read_text(encoding="utf-8")
    labels = {
        name for values in re.findall(r"stage\.labels \{\s+values = \{(.+)\}", told) for name in values.split(", ")
    }
    assert labels == {'service = ""', 'project = ""', 'stream = ""', 'level = ""'}
    assert 'values = ["filename", "project"]' in told
    (kept,) = re.findall(r'service!~\\"(.+?)\\"', told)
    collected = {name for name in SERVICES if re.fullmatch(kept, name)}
    assert collected > {"service", "mlflow", "dagster-code", "dagster-webserver", "dagster-daemon"}
    assert not collected & QUOTES_ROWS
    assert all("credit-platform}" in SERVICES[name]["image"] for name in collected), (
        "lines of our form, or of our images"
    )
    store = yaml.safe_load((ROOT / "docker" / "compose" / "loki.yml").read_text(encoding="utf-8"))
    assert store["compactor"]["retention_enabled"]
    assert store["limits_config"]["max_label_names_per_series"] == 6
    assert "http://loki:3100/" in told
    assert store["server"]["http_listen_port"] == 3100


def test_a_test_changes_names_of_services_that_there_are() -> None:
    assert set(TEST["services"]) <= set(SERVICES)


def test_what_is_mounted_from_the_checkout_is_there() -> None:
    mounted = [volume for service in SERVICES.values() for volume in service.get("volumes", [])]
    missing = [volume for volume in mounted if volume[0] == "." and not (ROOT / volume.split(":")[0]).exists()]
    assert missing == []
