"""`credit-platform keys`: API keys of the scoring service, and the token of the pages of `up`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from credit_platform.api_keys import ApiKey, KeyFile, Scope, new_key
from credit_platform.cli.listing import AsJson, Field, Listing, show_listing
from credit_platform.cli.options import parse_duration, read_settings
from credit_platform.local.guard.token import TokenFile

app = typer.Typer(
    no_args_is_help=True,
    help="API keys of the scoring service, and the token of the pages of `up`; changes hold at once.",
)

_FIELDS = (
    Field("id", "id"),
    Field("name", "name"),
    Field("scopes", "scopes", ", ".join),
    Field("state", "state"),
    Field("created_at", "created"),
    Field("requests_per_second", "requests a second", lambda rate: f"{rate:g}"),
)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Who will use it, for people.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do. Repeatable.")],
    expires: Annotated[str | None, typer.Option(help="How long it works: 12h, 90d, 52w. For ever by default.")] = None,
    rate: Annotated[
        float | None, typer.Option(min=0.01, help="Requests a second; the service's default if not given.")
    ] = None,
) -> None:
    """Make a key and print it, this once: only its hash is stored."""
    expires_at = None if expires is None else datetime.now(UTC) + parse_duration(expires)
    file = _file()
    text, stored = new_key(name, scope, expires_at=expires_at, rate=rate)
    file.add(stored)
    console = Console()
    console.print(text, soft_wrap=True, highlight=False)
    said = f"Keep it; it is not shown again. Its id is {stored.id}; {file.where} holds its hash."
    Console(stderr=True).print(said, markup=False)


@app.command("list")
def list_keys(*, as_json: AsJson = False) -> None:
    """List all keys, without the keys themselves."""
    file = _file()
    rows = [
        {
            "id": key.id,
            "name": key.name,
            "scopes": list(key.scopes),
            "state": _state(key),
            "created_at": key.created_at,
            "requests_per_second": key.rate,
        }
        for key in file.read()
    ]
    show_listing(Listing(f"API keys in {file.where}", _FIELDS, rows), as_json=as_json)


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the key, as `list` shows it.")]) -> None:
    """Revoke a key; services stop taking it within a second."""
    key = _file().revoke(key_id)
    Console().print(f"{key.id} ({key.name}) is revoked since {key.revoked_at}.", highlight=False)


@app.command()
def pages(
    *,
    renew: Annotated[bool, typer.Option("--renew", help="Make a new one; every browser has to log in again.")] = False,
) -> None:
    """Print the token that opens Dagster, MLflow and the console of `up`, where a page asks for it."""
    file = TokenFile.of(read_settings())
    if renew:
        file.renew()
    console = Console()
    console.print(file.read_or_make(), soft_wrap=True, highlight=False, markup=False)
    said = (
        "Give it to the page that asks, or add ?token=… to its address. Programs: MLFLOW_TRACKING_TOKEN, or the header "
        f"Authorization: Bearer …; it is kept in {file.path}, which only you can read."
    )
    Console(stderr=True).print(said, markup=False, highlight=False)


def _file() -> KeyFile:
    from credit_platform.serving.shared_keys import key_file

    return key_file(read_settings())


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at}"
    if not key.is_active(datetime.now(UTC)):
        return f"expired {key.expires_at}"
    return "active" if key.expires_at is None else f"until {key.expires_at}"
