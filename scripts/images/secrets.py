"""Make the secrets that `docker-compose.yml` reads from files: `python -m scripts.images.secrets [FOLDER]`.

What is there already stays, so that a database keeps its password. Files can be read by whoever a container runs as,
which is another user than who made them; the folder can be entered by its owner only.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Final

from credit_platform.api_keys import KeyFile, Scope, new_key
from scripts.images.engine import ROOT

FOLDER: Final = ROOT / "docker" / "compose" / "secrets"
RANDOM: Final = (
    *("database_password", "store_access_key", "store_secret_key"),
    *("alerts_token", "grafana_password", "notebook_token"),
)
KEYS: Final = "api_keys.json"
CONSOLE_KEY: Final = "console_api_key"
_BYTES: Final = 32
_READABLE: Final = 0o644


def main(arguments: list[str]) -> int:
    """Make what is missing; exit status for the shell."""
    folder = Path(arguments[0]) if arguments else FOLDER
    made = make_secrets(folder)
    sys.stdout.write(f"{folder}: {', '.join(made) if made else 'nothing was missing'}\n")
    return 0


def make_secrets(folder: Path) -> list[str]:
    """Make what is missing in a folder, and say what that was."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    missing = [name for name in RANDOM if not (folder / name).exists()]
    for name in missing:
        _write(folder / name, secrets.token_urlsafe(_BYTES))
    # A hash and its key belong together: without one of them the other is of no use.
    if not ((folder / CONSOLE_KEY).exists() and (folder / KEYS).exists()):
        text, stored = new_key("console", (Scope.SCORE, Scope.EXPLAIN))
        _write(folder / CONSOLE_KEY, text)
        KeyFile(folder / KEYS).add(stored)
        missing += [CONSOLE_KEY, KEYS]
    (folder / KEYS).chmod(_READABLE)
    return missing


def _write(file: Path, text: str) -> None:
    file.touch(mode=_READABLE)
    file.write_text(text, encoding="utf-8")
    file.chmod(_READABLE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
