"""`credit-platform bench serving --url`: a service that runs somewhere, over whatever stands before it."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner, Result

from credit_platform.benchmarks.load import KEY_VARIABLE
from credit_platform.cli import app
from credit_platform.errors import ServiceError, SettingError
from credit_platform.serving.service_problems import NoAnswerError, Problem
from credit_platform_tests.stub_service import KEY, Stub, stub_service


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stub_service() as one:
        yield one


def bench(*words: str, key: str = KEY) -> Result:
    command = ["bench", "serving", "--clients", "2", "--seconds", "0.2", *words]
    return CliRunner().invoke(app, command, env={KEY_VARIABLE: key})


@pytest.mark.parametrize("shape", ["plain", "closes", "chunked"])
def test_every_answer_is_counted_whatever_stands_before_it(stub: Stub, shape: str, tmp_path: Path) -> None:
    stub.closes, stub.chunked = shape == "closes", shape == "chunked"
    done = bench("--url", stub.url, "--p95", "60000", "--json", str(tmp_path / "é x.json"))
    assert done.exit_code == 0, done.output
    figures = {one["name"]: one["value"] for one in json.loads((tmp_path / "é x.json").read_text())["figures"]}
    assert figures["2 clients: errors"] == 0
    assert 0 < figures["2 clients: requests"] <= stub.asked.count("/predict")
    assert KEY not in done.output


def test_a_name_is_asked_at_another_address(stub: Stub) -> None:
    done = bench("--url", "http://staging.lender.example", "--connect-to", stub.url.removeprefix("http://"))
    assert done.exit_code == 0, done.output
    assert stub.hosts == {"staging.lender.example"}


def test_what_is_asked_may_be_what_nobody_logs(stub: Stub) -> None:
    assert bench("--url", stub.url, "--route", "/explain").exit_code == 0
    assert "/predict" not in stub.asked


def test_errors_and_slowness_fail_where_a_limit_is_given(stub: Stub) -> None:
    stub.status = 503
    done = bench("--url", stub.url, "--p95", "60000")
    assert done.exit_code == 1
    assert "were not answered by 200" in done.output
    assert bench("--url", stub.url).exit_code == 0, "without a limit it only measures"
    stub.status, stub.slow_seconds = 200, 0.05
    done = bench("--url", stub.url, "--p95", "50")
    assert done.exit_code == 1
    assert "50 ms or more is too slow" in done.output


def test_no_service_and_no_key_are_said(stub: Stub) -> None:
    done = bench("--url", "http://127.0.0.1:1")
    assert isinstance(done.exception, NoAnswerError)
    assert done.exception.kind is Problem.DOWN
    done = bench("--url", stub.url, key="another")
    assert isinstance(done.exception, NoAnswerError)
    assert done.exception.kind is Problem.KEY


@pytest.fixture
def certified(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server has that is called staging.lender.example, and what trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "staging.lender.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("staging.lender.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    text = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(pem)
    (tmp_path / "both.pem").write_bytes(text)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "both.pem")
    return server, ssl.create_default_context(cadata=certificate.public_bytes(pem).decode())


def test_by_https_the_certificate_of_the_name_is_asked_for(
    certified: tuple[ssl.SSLContext, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, trusting = certified
    for module in ("credit_platform.benchmarks.running", "credit_platform.serving.connect_to"):
        monkeypatch.setattr(f"{module}.certificates", lambda: trusting)
    with stub_service(server) as one:
        address = one.url.removeprefix("https://")
        done = bench("--url", "https://staging.lender.example", "--connect-to", address, "--p95", "60000")
        assert done.exit_code == 0, done.output
        assert one.hosts == {"staging.lender.example"}
        done = bench("--url", "https://another.lender.example", "--connect-to", address)
    assert isinstance(done.exception, NoAnswerError), "its certificate is of another name"


@pytest.mark.parametrize("address", ["nonsense", "host:", "host:0", "host:70000", ":80"])
def test_an_address_that_is_none_is_said(stub: Stub, address: str) -> None:
    done = bench("--url", stub.url, "--connect-to", address)
    assert isinstance(done.exception, ServiceError)
    assert "Write host and port" in str(done.exception)


def test_what_belongs_to_a_service_of_its_own_is_refused(stub: Stub, tmp_path: Path) -> None:
    done = bench("--url", stub.url, "--scorer", str(tmp_path))
    assert isinstance(done.exception, SettingError)
    assert "--scorer" in str(done.exception)
