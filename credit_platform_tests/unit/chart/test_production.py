"""What the values of production mean as a whole: nothing in the clear, nobody who is not logged in, nothing inside."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import yaml
from mlflow.server.security_utils import should_block_cors_request

from credit_platform_tests.unit.chart.rendered import (
    DEV,
    EVERYTHING,
    ON,
    PROD,
    Manifest,
    committed,
    containers,
    manifests,
    named,
    of_kind,
    pods,
)
from scripts.chart.helm import CHART

SOURCES: dict[str, Callable[[], list[Manifest]]] = {
    "k8s/prod": lambda: committed("prod"),
    "small": lambda: manifests(*PROD, "values-prod-small.yaml", sets=(ON,)),
    "staging": lambda: manifests("values-staging.yaml", "ci/digests.yaml", sets=(ON,)),
    "everything": lambda: manifests(*EVERYTHING),
}
GUARDED = ("dagster-webserver", "mlflow", "console-german-credit")
BUNDLE = "sslrootcert=/etc/ssl/certs/ca-certificates.crt"


@pytest.fixture(params=SOURCES)
def found(request: pytest.FixtureRequest) -> list[Manifest]:
    return SOURCES[request.param]()


def arguments_of(found: list[Manifest], backend: str) -> list[str]:
    (one,) = named(found, "Deployment", f"login-{backend}")["spec"]["template"]["spec"]["containers"]
    arguments: list[str] = one["args"]
    return arguments


def test_every_way_in_is_encrypted(found: list[Manifest]) -> None:
    ingresses = of_kind(found, "Ingress")
    assert ingresses
    for each in ingresses:
        hosts = [rule["host"] for rule in each["spec"]["rules"]]
        assert each["spec"]["tls"] == [{"hosts": hosts, "secretName": "credit-tls"}]


@pytest.mark.parametrize("backend", GUARDED)
def test_who_is_not_logged_in_gets_to_no_page(backend: str, found: list[Manifest]) -> None:
    entered = {
        path["backend"]["service"]["name"]: rule["host"]
        for each in of_kind(found, "Ingress")
        for rule in each["spec"]["rules"]
        for path in rule["http"]["paths"]
    }
    assert f"credit-{backend}" not in entered
    host = entered[f"credit-login-{backend}"]
    asked = arguments_of(found, backend)
    assert f"--redirect-url=https://{host}/oauth2/callback" in asked
    (upstream,) = (word for word in asked if word.startswith("--upstream=http://credit-"))
    assert upstream.startswith(f"--upstream=http://credit-{backend}:")
    assert "--cookie-secure=true" in asked
    assert [word for word in asked if word.startswith("--oidc-issuer-url=https://")]
    domains = [word.partition("=")[2] for word in asked if word.startswith("--email-domain=")]
    assert domains
    assert "*" not in domains
    assert not [word for word in asked if re.match("--(skip-auth|insecure|ssl-insecure|api-route)", word)]


def test_what_a_login_knows_comes_out_of_a_secret(found: list[Manifest]) -> None:
    for each in of_kind(found, "Deployment"):
        if "-login-" not in each["metadata"]["name"]:
            continue
        (one,) = each["spec"]["template"]["spec"]["containers"]
        read = {variable["name"]: variable["valueFrom"]["secretKeyRef"]["key"] for variable in one["env"]}
        assert read == {
            "OAUTH2_PROXY_CLIENT_ID": "client-id",
            "OAUTH2_PROXY_CLIENT_SECRET": "client-secret",
            "OAUTH2_PROXY_COOKIE_SECRET": "cookie-secret",
        }
        assert not [word for word in one["args"] if "secret" in word]


def test_a_page_takes_the_name_that_it_is_opened_by(found: list[Manifest]) -> None:
    """The login hands host and origin on, and MLflow refuses what it was not told of."""
    (one,) = named(found, "Deployment", "mlflow")["spec"]["template"]["spec"]["containers"]
    (host,) = re.findall(r"--redirect-url=https://(.+?)/", "\n".join(arguments_of(found, "mlflow")))
    command = [*one["command"], *one["args"]]
    assert host in command[command.index("--allowed-hosts") + 1].split(",")
    origins = command[command.index("--cors-allowed-origins") + 1].split(",")
    assert origins == [f"https://{host}"]
    assert not should_block_cors_request(origins[0], "POST", origins)
    assert should_block_cors_request(origins[0], "POST", None), "MLflow's own list would not hold it"


def test_database_and_store_are_outside_and_spoken_to_over_tls(found: list[Manifest]) -> None:
    assert not [each for each in of_kind(found, "StatefulSet") if "postgresql" in each["metadata"]["name"]]
    assert not [each for each in of_kind(found, "StatefulSet") if "object-store" in each["metadata"]["name"]]
    settings = named(found, "ConfigMap", "settings")["data"]
    assert "AWS_ALLOW_HTTP" not in settings
    assert not settings.get("AWS_ENDPOINT_URL", "https://").startswith("http://")
    tables, checkpoints = (settings[f"CREDIT_PLATFORM_{name}"] for name in ("LAKEHOUSE_URL", "DECISION_CHECKPOINTS"))
    assert tables.split("/")[2] != checkpoints.split("/")[2], "who may write tables need not be able to write these"
    addresses = [
        (name, variable["name"], variable["value"])
        for name, pod in pods(found)
        for one in containers(pod)
        for variable in one.get("env", [])
        if "DATABASE_PASSWORD" in str(variable.get("value"))
    ]
    assert addresses
    for name, variable, value in addresses:
        assert "sslmode=verify-full" in value, name
        # A program in Go takes the machine's certificates by itself, and knows no other word for it.
        assert (BUNDLE in value) is (variable != "DATA_SOURCE_NAME"), name
        # Those of the OpenSSL in psycopg's wheels: there are none.
        assert "sslrootcert=system" not in value, name


def test_a_certificate_of_ones_own_goes_before_the_machines() -> None:
    found = manifests(*EVERYTHING, sets=('database.caSecret="credit-database-ca"',))
    for name, pod in pods(found):
        for one in containers(pod):
            for variable in one.get("env", []):
                if "DATABASE_PASSWORD" in str(variable.get("value")):
                    assert "sslrootcert=/etc/credit-platform/database/ca.crt" in variable["value"], name
                    assert BUNDLE not in variable["value"], name
                    mounted = {mount["mountPath"] for mount in one["volumeMounts"]}
                    assert "/etc/credit-platform/database" in mounted, name


def test_what_a_login_asks_of_its_provider_is_let_out(found: list[Manifest]) -> None:
    rules = named(found, "NetworkPolicy", "allow-login")["spec"]["egress"]
    assert any("ipBlock" in str(rule) and {"port": 443, "protocol": "TCP"} in rule["ports"] for rule in rules)


def holding_containers(part: object) -> int:
    """How many specifications of pods there are anywhere below."""
    if isinstance(part, dict):
        return int("containers" in part) + sum(holding_containers(each) for each in part.values())
    return sum(holding_containers(each) for each in part) if isinstance(part, list) else 0


@pytest.mark.parametrize("source", [*SOURCES, "dev"])
def test_no_pod_is_one_that_the_policies_do_not_look_at(source: str) -> None:
    rendered = manifests(*DEV, sets=(ON,)) if source == "dev" else SOURCES[source]()
    launched = 1  # of runs, whose pods no template holds
    assert sum(holding_containers(each) for each in rendered) == len(list(pods(rendered))) - launched


def test_small_adds_nothing_but_resources() -> None:
    given = yaml.safe_load((CHART / "values-prod-small.yaml").read_text(encoding="utf-8"))
    assert not {"ingress", "login", "database", "store", "images", "network"} & set(given)
