"""One stack for the session: from nothing to well, and down again."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from credit_platform_tests.compose.stack import Stack
from scripts.images.engine import NO_ENGINE, EngineMissingError, require_engine
from scripts.images.secrets import make_secrets


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    try:
        require_engine()
    except EngineMissingError as error:
        pytest.exit(str(error), returncode=NO_ENGINE)
    folder: Path = tmp_path_factory.mktemp("mes données é")
    make_secrets(folder)
    stack = Stack(f"credit-platform-test-{secrets.token_hex(4)}", folder)
    try:
        stack.compose("up", "--wait", "--detach")
        yield stack
    finally:
        stack.compose("down", "--volumes", "--remove-orphans", check=False)
    assert stack.left() == "", "something of the project is left"


@pytest.fixture(scope="session")
def application(stack: Stack) -> dict[str, Any]:
    """The first example that the service itself gives."""
    schema = httpx.get(f"{stack.address('service', 3000)}/openapi.json", timeout=30.0).json()
    (content,) = [schema["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]]
    examples = content.get("examples") or {"one": {"value": content.get("example")}}
    found: dict[str, Any] = next(iter(examples.values()))["value"]
    return found
