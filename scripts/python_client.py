"""Generate the typed Python client in `clients/python` from the OpenAPI document of german_credit.

Usage: `make client`, or `python -m scripts.python_client openapi-python-client==VERSION`. The digest of the document is
written beside it: a test compares it with what the service publishes.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bento.published.openapi import openapi_document
from credit_platform.portfolios import get_portfolio

FOLDER: Final = Path(__file__).parents[1] / "clients" / "python" / "german_credit_client"
DIGEST_FILE: Final = FOLDER / "DOCUMENT_SHA256"
# The generator knows no media type of Parquet; bytes are bytes. It would make an object of CSV.
CONFIG: Final = {
    "content_type_overrides": {
        "application/vnd.apache.parquet": "application/octet-stream",
        "text/csv": "application/octet-stream",
    }
}


def digest_of(document: dict[str, Any]) -> str:
    """SHA-256 of a document but for the version of the platform, which changes nothing of a client."""
    information = {name: value for name, value in document["info"].items() if name != "version"}
    return hashlib.sha256(json.dumps(document | {"info": information}, sort_keys=True).encode()).hexdigest()


def generate(generator: str) -> None:
    """Run that version of the generator, and put its package in the place of the one that is there."""
    document = openapi_document(get_portfolio("german_credit"))
    with TemporaryDirectory() as folder:
        source, config = Path(folder) / "openapi.json", Path(folder) / "config.json"
        source.write_text(json.dumps(document), encoding="utf-8")
        config.write_text(json.dumps(CONFIG), encoding="utf-8")
        run = [sys.executable, "-m", "scripts.uv_like_pip", "tool", "run", generator, "generate"]
        options = ["--path", str(source), "--config", str(config), "--output-path", str(FOLDER)]
        subprocess.run([*run, *options, "--meta", "none", "--overwrite"], check=True)  # noqa: S603  # our own command
    DIGEST_FILE.write_text(digest_of(document) + "\n", encoding="utf-8")


if __name__ == "__main__":
    generate(sys.argv[1])
