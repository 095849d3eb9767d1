"""Run uv with the indexes, links and certificates that pip is configured with on this machine.

uv ignores pip's configuration. Behind a company mirror pip works and uv would not, so this hands pip's settings to uv.
A `UV_*` variable that the user set stays as it is. Usage: `python -m scripts.uv_like_pip pip install …`
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

# pip's option -> the variable uv reads. uv splits lists at spaces, except links, which it splits at commas.
VARIABLES: Final = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "proxy": "ALL_PROXY",
}
# The older names of the same variables: who set one of them has chosen.
SYNONYMS: Final = {"UV_DEFAULT_INDEX": "UV_INDEX_URL", "UV_INDEX": "UV_EXTRA_INDEX_URL"}
# What pip reads for `pip install`, weakest first; `pip config list` prints its variables as the section `:env:`.
SECTIONS: Final = ("global", "install", ":env:")


def pip_options(listing: str) -> dict[str, str]:
    """Options in force for `pip install`, from the output of `pip config list` (lines of `section.option='value'`)."""
    options: dict[str, str] = {}
    lines = [line.partition("=") for line in listing.splitlines() if "=" in line]
    for section in SECTIONS:
        for key, _, value in lines:
            if key.startswith(f"{section}."):
                options[key.removeprefix(f"{section}.")] = str(ast.literal_eval(value))
    return options


def uv_variables(options: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Variables to add to `environ` so that uv looks where pip with these `options` looks."""
    variables: dict[str, str] = {}
    for option, value in options.items():
        name = VARIABLES.get(option)
        if name and value.split() and not environ.get(name) and not environ.get(SYNONYMS.get(name, "")):
            variables[name] = ("," if name == "UV_FIND_LINKS" else " ").join(value.split())
    if "UV_INDEX" in variables and not environ.get("UV_INDEX_STRATEGY"):
        # pip takes the best version of all indexes; uv stops at the first index that knows the name, and would miss
        # the locked version there. The hashes in the lock files are what keeps a foreign file out.
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return variables


def uv_environment(listing: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Whole environment for uv: `environ`, pip's configuration, and the environment of this interpreter as target."""
    # With another environment active, or UV_PYTHON set, uv would install there.
    kept = {name: value for name, value in environ.items() if name not in {"UV_PYTHON", "UV_SYSTEM_PYTHON"}}
    ours = {"VIRTUAL_ENV": sys.prefix, "UV_PYTHON_DOWNLOADS": "never"}
    return kept | uv_variables(pip_options(listing), environ) | ours


def main(arguments: list[str]) -> None:
    """Replace this process by uv."""
    pip = [sys.executable, "-m", "pip", "config", "list"]
    listing = subprocess.run(pip, check=True, capture_output=True, text=True).stdout  # noqa: S603  # our own interpreter
    uv = [sys.executable, "-m", "uv", *arguments]
    os.execve(sys.executable, uv, uv_environment(listing, os.environ))  # noqa: S606  # no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
