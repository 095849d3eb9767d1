"""Bringing the promoted Bento of a portfolio to its target, with what speaks for it, and saying what came of it.

What is here: `deploy`, which `serving/deployment` is: the shadow's evidence first, then the target, then the verdict;
`newest_deployments`, what came of each promotion.
What to add here: another kind of evidence before anything is changed.
What must not be here: a target (`local/`, `kubernetes/`); who decides what is promoted (`governance`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from importlib.util import find_spec

from credit_platform.clock import Clock
from credit_platform.errors import RecordError, ServiceError
from credit_platform.governance.promotion_history import history
from credit_platform.lakehouse import Lakehouse
from credit_platform.monitoring.shadow_evidence import ShadowEvidence, shadow_evidence
from credit_platform.portfolios.keys import bento_key, deployment_key
from credit_platform.serving.deployer import LEAST_REQUESTS, Deployer, Deployment, Verdict
from credit_platform.serving.local.running_deployer import RunningServiceDeployer
from credit_platform.serving.promoted import PromotedBento, promoted_bento
from credit_platform.serving.records import BentoRecord, DeploymentRecord
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.serving.service_client import ServiceClient
from credit_platform.settings import Settings


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What the shadow's evidence says."""

    sentence: str
    evidence: ShadowEvidence | None = None
    """None where there is nothing to ask."""

    @property
    def missing(self) -> bool:
        """Whether it was to be asked, and too few decisions answer."""
        return self.evidence is not None and not self.evidence.suffices


def deploy(settings: Settings, portfolio: str, *, say: Callable[[str], None], clock: Clock) -> DeploymentRecord:
    """Bring what is promoted to the target that the settings name; what does not serve is told, not raised.

    Args:
        settings: where everything lies, and the target.
        portfolio: whose Bento.
        say: told of every step.
        clock: when it is.

    Raises:
        ServiceError: nothing is promoted; or the target cannot be asked: called again, it goes on where it stopped.
    """
    began = clock.now()
    bento = promoted_bento(settings, portfolio)
    if bento is None:
        raise ServiceError(f"No model of {portfolio} is promoted yet.", f"Run it: credit-platform run {portfolio}")
    lakehouse = Lakehouse(settings.lakehouse_root)
    asked = _evidence(settings, lakehouse, portfolio, bento)
    say(asked.sentence)
    done = _held_back(settings, bento, asked) or deployer_of(settings, portfolio, say=say, clock=clock).deploy(bento)
    done = _concluded(done, asked)
    promoted = BentoRecord.of(lakehouse.read(bento_key(portfolio), bento.version))
    return DeploymentRecord(
        bento=bento.name,
        bento_version=bento.version,
        digest=bento.digest,
        source_digest=bento.source_digest,
        promoted_by=promoted.promoted_by,
        target=settings.deployment_target,
        verdict=done.verdict,
        message=done.message,
        evidence=asked.evidence,
        evidence_sentence=asked.sentence,
        before=done.before,
        requests=done.requests,
        errors=done.errors,
        began_at=began.isoformat(timespec="seconds"),
        ended_at=clock.now().isoformat(timespec="seconds"),
    )


def newest_deployments(settings: Settings, portfolio: str, wanted: Collection[str]) -> dict[str, DeploymentRecord]:
    """The newest attempt to deploy each of these scorers, by its digest; what is older than all of them is not read.

    Raises:
        DamagedTableError: a record that may be one of them is not as it was written.
    """
    lakehouse, key = Lakehouse(settings.lakehouse_root), deployment_key(portfolio)
    found: dict[str, DeploymentRecord] = {}
    for version in lakehouse.versions(key) if lakehouse.exists(key) else []:
        if found.keys() >= set(wanted):
            break
        record = DeploymentRecord.of(lakehouse.read(key, version.version))
        found.setdefault(record.digest, record)
    return found


def deployer_of(settings: Settings, portfolio: str, *, say: Callable[[str], None], clock: Clock) -> Deployer:
    """What brings Bentos of a portfolio to the target that the settings name.

    Raises:
        ServiceError: no cluster is known.
    """
    name = settings.deployment_names.get(portfolio)
    if settings.deployment_target == "local":
        return RunningServiceDeployer(settings, portfolio, say=say)
    if name is None:
        return _Nowhere(portfolio)
    # The client of a cluster takes a second to import, and runs on one machine never ask one.
    if find_spec("kubernetes") is None:
        raise ServiceError(
            "The client of Kubernetes is not installed.", "Install it: pip install 'credit-platform[kubernetes]'."
        )
    from credit_platform.serving.kubernetes.connection import connect  # noqa: PLC0415  # as said above
    from credit_platform.serving.kubernetes.deployer import KubernetesDeployer, Patience  # noqa: PLC0415  # as above
    from credit_platform.serving.kubernetes.workload import Workload  # noqa: PLC0415  # as above

    key = settings.deployment_api_key

    def client(url: str) -> ServiceClient:
        return ServiceClient(ServiceAccess(portfolio, url, None if key is None else key.get_secret_value()))

    api, namespace = connect(settings.deployment_namespace)
    patience = Patience(ready=settings.deployment_ready_seconds, watch=settings.deployment_watch_seconds)
    return KubernetesDeployer(Workload(api, namespace, name), client, say=say, patience=patience, clock=clock)


class _Nowhere(Deployer):
    """A portfolio that no Deployment of the cluster serves."""

    def __init__(self, portfolio: str) -> None:
        self._portfolio = portfolio

    def deploy(self, bento: PromotedBento) -> Deployment:
        """Say so."""
        message = (
            f"No Deployment of the cluster serves {self._portfolio}, so {bento.name} is served nowhere. Name it in "
            "CREDIT_PLATFORM_DEPLOYMENT_NAMES; the chart does so for service.portfolios where service.enabled is set."
        )
        return Deployment(bento=bento, verdict=Verdict.INCONCLUSIVE, message=message)


def _evidence(settings: Settings, lakehouse: Lakehouse, portfolio: str, bento: PromotedBento) -> _Asked:
    champion = _champion_before(lakehouse, portfolio, bento.digest)
    if champion is None:
        return _Asked(sentence="No other model answered before, so there was nothing to score along with.")
    if any(record.decision.event == "rollback" for record in history(lakehouse, portfolio)[:1]):
        return _Asked(sentence="A person went back to this model: what it would do otherwise is why, not an objection.")
    found = shadow_evidence(settings, portfolio, bento.digest, champion)
    return _Asked(sentence=found.sentence, evidence=found)


def _champion_before(lakehouse: Lakehouse, portfolio: str, digest: str) -> str | None:
    """Digest of the scorer that was served before this one."""
    key = bento_key(portfolio)
    for version in lakehouse.versions(key):
        try:
            record = BentoRecord.of(lakehouse.read(key, version.version))
        except RecordError:  # of a version of the platform that wrote none
            continue
        if record.digest != digest:
            return record.digest
    return None


def _held_back(settings: Settings, bento: PromotedBento, asked: _Asked) -> Deployment | None:
    """What the evidence alone decides; None where it lets the Bento pass."""
    if settings.deployment_evidence == "note" or asked.evidence is None:
        return None
    untouched = "Nothing was changed."
    if asked.evidence.suffices and asked.evidence.objections:
        message = (
            f"{bento.name} was held back. {asked.sentence} {untouched} To let it serve all the same: "
            "CREDIT_PLATFORM_DEPLOYMENT_EVIDENCE=note."
        )
        return Deployment(bento=bento, verdict=Verdict.FAILED, message=message)
    if settings.deployment_evidence == "require" and asked.missing:
        return Deployment(
            bento=bento, verdict=Verdict.INCONCLUSIVE, message=f"{bento.name} waits. {asked.sentence} {untouched}"
        )
    return None


def _concluded(done: Deployment, asked: _Asked) -> Deployment:
    """A Bento that serves has succeeded when decisions say so: at which it scored along, or its first pod's.

    One that nobody answered before has nothing to be compared with; one that answers already was judged then.
    """
    few = done.requests is None or done.requests < LEAST_REQUESTS
    if done.verdict is not Verdict.SUCCEEDED or not (asked.missing and few):
        return done
    watched = "" if done.requests is None else f" Its first pod was asked for {done.requests}, of {LEAST_REQUESTS}."
    message = (
        f"{done.message} Whether it errs no more than the one before cannot be said: too few decisions. "
        f"{asked.sentence}{watched} Watch its errors."
    )
    return replace(done, verdict=Verdict.INCONCLUSIVE, message=message)
