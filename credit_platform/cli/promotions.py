"""`credit-platform promotions`, `approve`, `deploy` and `rollback`."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from credit_platform.cli.invoked import as_typed
from credit_platform.cli.listing import Field, Listing, Row, moment, show_listing, tell
from credit_platform.cli.options import confirm
from credit_platform.cli.registry import registry_sentence
from credit_platform.cli.run import print_outcome, run_with_progress
from credit_platform.errors import DamagedTableError
from credit_platform.governance.approval import home_policies, policy_in_force, set_home_policy
from credit_platform.governance.decision import PromotionDecision
from credit_platform.governance.promotion_history import Record, history
from credit_platform.lakehouse import Lakehouse
from credit_platform.portfolios import all_portfolios, get_portfolio
from credit_platform.portfolios.approval import ApprovalPolicy, Level
from credit_platform.portfolios.keys import deployment_key
from credit_platform.serving.deployments import newest_deployments
from credit_platform.serving.records import DeploymentRecord
from credit_platform.settings import Settings

_FIELDS = (
    Field("version", "version"),
    Field("decided_at", "date (UTC)", moment),
    Field("event", "event"),
    Field("model", "model"),
    Field("digest", "digest", lambda digest: digest[:12]),
    Field("promoted", "promoted"),
    Field("by", "by"),
    Field("policy", "policy"),
    Field("reason", "reason", is_sentence=True),
    Field("deployment", "deployed", is_sentence=True),
)
_POLICY = (
    Field("portfolio", "portfolio"),
    Field("level", "policy"),
    Field("required", "a person approves"),
    Field("four_eyes", "another than trained it"),
    Field("sentence", "what it takes", is_sentence=True),
    Field("basis", "who asks for it", is_sentence=True),
)
_HOME_POLICY = (
    Field("changed_at", "date (UTC)", moment),
    Field("level", "policy"),
    Field("person", "by"),
    Field("account", "account"),
    Field("reason", "reason", is_sentence=True),
)


def show_promotions(name: str, settings: Settings, *, as_json: bool = False) -> None:
    """Print every decision, approval, override and rollback of a portfolio, newest first.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
    """
    portfolio, lakehouse = get_portfolio(name), Lakehouse(settings.lakehouse_root)
    policy = policy_in_force(lakehouse, portfolio, settings.approval)
    notes = [f"Approval: {policy.policy.level}. {policy.policy.sentence} {policy.basis}"]
    records = history(lakehouse, portfolio.name)
    if records:
        swapped = records[0].decision.swap_set.get("sentences", {})
        notes += [f"Swap set of the newest record ({basis}): {found}" for basis, found in swapped.items()]
        if (wrong := registry_sentence(settings, portfolio.name)) is not None:
            notes.append(f"Attention: {wrong}")
    else:
        notes.append(f"Nothing was decided yet. Run it: credit-platform run {portfolio.name}")
    title = f"{portfolio.title}: promotions"
    try:
        deployed = _deployed(records, settings, portfolio.name)
    except DamagedTableError as error:  # the history is whole without it
        deployed = {}
        notes.append(f"Attention: {error}")
    rows = [_row(record) | {"deployment": deployed.get(record.version)} for record in records]
    show_listing(Listing(title, _FIELDS, rows, tuple(notes)), as_json=as_json)


def _deployed(records: Sequence[Record], settings: Settings, portfolio: str) -> dict[int, str]:
    """What came of bringing each promoted model to where it answers, by the newest version that promoted it."""
    promoted = {record.decision.challenger.digest for record in records if record.decision.promoted}
    found, told = newest_deployments(settings, portfolio, promoted), {}
    for record in records:
        done = found.pop(record.decision.challenger.digest, None) if record.decision.promoted else None
        if done is not None:
            told[record.version] = f"to {done.target} ({done.ended_at}), {done.verdict}: {done.message}"
    return told


def deploy_promoted(name: str, settings: Settings) -> bool:
    """Bring what is promoted to the target of the settings; return whether it did not fail there.

    Raises:
        UnknownPortfolioError: there is no such portfolio.
    """
    portfolio, console = get_portfolio(name), Console()
    report = run_with_progress(portfolio, settings, console, job=f"{portfolio.name}_deployment")
    print_outcome(report, console)
    done = next(iter(Lakehouse(settings.lakehouse_root).versions(deployment_key(portfolio.name))), None)
    if done is not None and done.run_id == report.run_id:  # else the run failed before it came to a verdict
        record = DeploymentRecord.of(Lakehouse(settings.lakehouse_root).read(done.key, done.version))
        said = as_typed(f"{record.verdict}: {record.message}")
        console.print(said, markup=False, highlight=False, soft_wrap=True)
    return report.success


def approve_promotion(name: str, settings: Settings, *, by: str, reason: str, override: bool) -> bool:
    """Record an approval or override, then promote and package the model; return whether that succeeded.

    Raises:
        PromotionRefusedError: there is nothing to approve, or a check failed that the act cannot answer for.
    """
    from credit_platform.orchestration.promotion import approve

    portfolio = get_portfolio(name)
    console = Console()
    decision = approve(portfolio, settings, by=by, reason=reason, override=override)
    console.print(escape(decision.reason), highlight=False)
    report = run_with_progress(portfolio, settings, console, job=f"{portfolio.name}_serving")
    print_outcome(report, console)
    return report.success


def roll_back_promotion(name: str, settings: Settings, *, by: str, reason: str) -> None:
    """Restore the champion before, and say what serves from now on.

    Raises:
        PromotionRefusedError: there is no model to go back to.
    """
    from credit_platform.orchestration.rollback import roll_back

    done = roll_back(get_portfolio(name), settings, by=by, reason=reason)
    console = Console()
    console.print(escape(done.decision.reason), highlight=False)
    console.print(
        f"Champion in MLflow: version {done.decision.challenger.version}. Bento: {done.bento}.", highlight=False
    )
    console.print(
        "credit-platform serve and make up follow within seconds, a cluster by serving/deployment (Dagster's daemon, "
        f"or credit-platform deploy {name}); any other running service must be started again.",
        highlight=False,
    )


def show_policy(settings: Settings, *, as_json: bool = False) -> None:
    """Print what it takes to promote a model of each portfolio.

    Raises:
        RecordError: the policy of the home cannot be read.
    """
    lakehouse, rows = Lakehouse(settings.lakehouse_root), list[Row]()
    for portfolio in all_portfolios():
        found = policy_in_force(lakehouse, portfolio, settings.approval)
        told = {"portfolio": portfolio.name, "sentence": found.policy.sentence}
        rows.append({**found.to_dict(), **told})
    changed = len(home_policies(lakehouse))
    notes = (f"The policy of this home was set {changed} times: credit-platform approval --history",) if changed else ()
    show_listing(Listing("Approval", _POLICY, rows, notes), as_json=as_json)


def show_home_policies(settings: Settings, *, as_json: bool = False) -> None:
    """Print which policies this home had, newest first, by whom and why.

    Raises:
        RecordError: one of them cannot be read.
    """
    found = home_policies(Lakehouse(settings.lakehouse_root))
    rows = [{field.name: getattr(one, field.name) for field in _HOME_POLICY} for one in found]
    show_listing(Listing("Policies of this home, the newest first", _HOME_POLICY, rows), as_json=as_json)


def set_policy(level: Level, settings: Settings, *, by: str, reason: str, yes: bool, as_json: bool = False) -> None:
    """Make this the policy of the home; to loosen it is asked for first.

    Raises:
        SettingError: it would be loosened, and nobody is there to ask.
        PromotionRefusedError: a name or a reason is missing, or somebody else changed it meanwhile.
    """
    lakehouse, wanted = Lakehouse(settings.lakehouse_root), ApprovalPolicy.of(level)
    before = home_policies(lakehouse)
    if before and wanted.and_also(before[0].policy) != wanted:
        question = f"The policy of this home is {before[0].level}. Loosen it to {level}?"
        confirm(question, yes=yes, because="this would loosen the policy of the home")
    made = set_home_policy(lakehouse, level, by=by, reason=reason)
    said = f"The policy of this home is {made.level} now, by {made.person} (account {made.account})."
    tell(said, as_json=as_json)
    show_policy(settings, as_json=as_json)


def _row(record: Record) -> dict[str, object]:
    decision = record.decision
    return {
        "version": record.version,
        "decided_at": decision.decided_at,
        "event": decision.event,
        "model": str(decision.challenger),
        "digest": decision.challenger.digest,
        "promoted": decision.promoted,
        "by": _by(decision),
        "policy": decision.policy.get("level"),
        "reason": decision.reason,
    }


def _by(decision: PromotionDecision) -> str:
    """The name that was given, and the account beside it where that has another."""
    who = decision.person or decision.decided_by
    return who if decision.account in (None, who) else f"{who} (account {decision.account})"
