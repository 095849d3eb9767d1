"""`decisions erase-again`: erasures carried out on a log or on Bentos that came back from before them."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from credit_platform.cli.options import read_settings
from credit_platform.errors import SettingError

_REASON = "erasures carried out again"


def erase_again(
    *,
    by: Annotated[str, typer.Option(help="Your name; it goes into the record, beside the account of this machine.")],
    reason: Annotated[str, typer.Option(help="Why; it goes into the record. Name nobody here.")] = _REASON,
    erasures: Annotated[
        list[str] | None,
        typer.Option(
            help="Who was erased: a home, a backup (or s3://…), a list, a decision log's address. Repeatable."
        ),
    ] = None,
) -> None:
    """Erase again whoever is on the list of erased applicants of this home, or on others: after a restore by hand."""
    from credit_platform.local.backup.erasure_lists import known_in_home, merged_lists
    from credit_platform.local.backup.named_erasures import known_by_name
    from credit_platform.monitoring.decision_log import Act, DecisionStore
    from credit_platform.serving.erasures import erase_again as carry_out
    from credit_platform.serving.erasures import merge, write_lists

    settings = read_settings()
    if not by.strip() or not reason.strip():
        raise SettingError("A name or a reason is missing.", "Give both: --by NAME --reason TEXT.")
    own = known_in_home(settings.home.resolve(), "this home")
    known = [*([own] if own else []), *(known_by_name(settings, one) for one in erasures or ())]
    lists = merged_lists(known)
    write_lists(settings.home, lists)
    store = None if _has_no_log(settings.decision_log) else DecisionStore(settings.decision_log)
    marks, places = merge(*lists.values()), {place for one in known for place in one.places}
    act = Act(person=by.strip(), reason=reason.strip())
    if store is None:
        done = carry_out(settings, None, marks, places, act, before={})
    else:
        with closing(store):
            done = carry_out(settings, store, marks, places, act, before={})
    people = max((len(one) for one in lists.values()), default=0)
    Console().print(
        f"{people} applicants are on the list. {done.decisions} decisions and the stored histories of {done.histories} "
        "applicants were removed.",
        highlight=False,
        soft_wrap=True,
    )


def _has_no_log(url: str) -> bool:
    return url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file()
