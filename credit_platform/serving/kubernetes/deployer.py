"""Bringing a Bento to the pods of a Deployment: one first, which is tried and watched, then the rest.

What is here: `KubernetesDeployer`, the `Deployer` of a cluster, and `Patience`.
What to add here: another thing that the first pod must pass (`_try_first`).
What must not be here: how the cluster is asked (`workload.py`), what is wrong with a pod (`pods.py`).

Before a pod is replaced, what to go back to is written into the Deployment; it goes when the roll-out is over, either
way. So a call that finds it there takes up what another one left, wherever that was killed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from credit_platform.clock import SYSTEM_CLOCK, Clock
from credit_platform.errors import ServiceError
from credit_platform.serving.deployer import Deployer, Deployment, Verdict
from credit_platform.serving.kubernetes.error_rate import Answered, answered
from credit_platform.serving.kubernetes.pods import Pod
from credit_platform.serving.kubernetes.workload import State, Told, Workload
from credit_platform.serving.promoted import PromotedBento
from credit_platform.serving.service_client import ServiceClient
from credit_platform.serving.service_problems import NoAnswerError, Problem
from credit_platform.serving.smoke_test import smoke_test

_PASSING = frozenset({Problem.DOWN, Problem.SLOW, Problem.CUT, Problem.BUSY, Problem.UNAVAILABLE})
"""Why a pod that has just become ready may not answer the first time."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long each thing is waited for, in seconds."""

    ready: float = 300.0
    """Until the first pod is ready, and then from one more to the next."""
    answer: float = 20.0
    """Until a pod that is ready answers."""
    watch: float = 30.0
    """How long the first pod answers applicants before the others follow."""
    look: float = 1.0
    """Between two looks."""


class _RefusedError(Exception):
    """It must not serve; what was before has to come back."""


class _NoRoomError(_RefusedError):
    """It could not be tried: no node takes another pod."""


@dataclass(frozen=True, kw_only=True)
class _Attempt:
    """One roll-out."""

    bento: PromotedBento
    told: Told
    before: Told


class KubernetesDeployer(Deployer):
    """The services of one portfolio, in one Deployment."""

    def __init__(
        self,
        workload: Workload,
        client: Callable[[str], ServiceClient],
        *,
        say: Callable[[str], None],
        patience: Patience | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Deploy to `workload`.

        Args:
            workload: the Deployment.
            client: asks the service at an address, with a key of the scope explain.
            say: told of every step.
            patience: how long to wait.
            clock: what is noted as the moment of deployment.
        """
        self._workload, self._client, self._say = workload, client, say
        self._patience = patience or Patience()
        self._clock = clock

    def deploy(self, bento: PromotedBento) -> Deployment:
        """Roll it out, or take up the roll-out that another call left; do nothing where it serves already."""
        state = self._workload.read()
        if state is None:
            return _inconclusive(
                bento,
                f"There is no {str(self._workload).removeprefix('the ')}: {bento.name} is served nowhere. Install it "
                "(service.enabled=true), and run this again.",
            )
        wanted = bento.source_digest or bento.digest
        if state.replicas == 0:
            self._workload.tell(self._told(wanted))
            return _inconclusive(bento, f"{self._workload} has no pods; those that are made will serve {bento.name}.")
        if state.told.digest == wanted and state.before is None:
            return self._settled(bento, state)
        return self._roll_out(self._begin(bento, wanted, state))

    def _settled(self, bento: PromotedBento, state: State) -> Deployment:
        """It is told already: only wait until all of its pods serve it, and try one."""
        try:
            self._wait_for_rest(state.told)
            self._try(self._newest(state.told)[0], bento)
        except _RefusedError as error:
            return Deployment(bento=bento, verdict=Verdict.FAILED, message=f"{bento.name} is told, and fails: {error}")
        return Deployment(
            bento=bento, verdict=Verdict.SUCCEEDED, message=f"{bento.name} answers already; nothing was changed."
        )

    def _begin(self, bento: PromotedBento, wanted: str, state: State) -> _Attempt:
        """Tell pods to serve it; what is gone back to is what was proven last."""
        if state.told.digest == wanted and state.before is not None:
            self._say(f"{bento.name}: a roll-out that was interrupted is taken up.")
            return _Attempt(bento=bento, told=state.told, before=state.before)
        before = state.before or self._serving(state)
        told = self._told(wanted)
        self._say(f"{bento.name} begins in one pod of {self._workload}.")
        self._workload.tell(told, before=before)
        return _Attempt(bento=bento, told=told, before=before)

    def _told(self, digest: str) -> Told:
        return Told(digest=digest, deployed_at=self._clock.now().isoformat(timespec="seconds"))

    def _serving(self, state: State) -> Told:
        """What pods serve: what they are told, else what they answer; with an empty digest where nobody does."""
        if state.told.digest:
            return state.told
        for pod in self._workload.pods(state):
            if pod.ready and pod.address:
                try:
                    with self._client(f"http://{pod.address}") as client:
                        return Told(digest=str(client.model_info()["digest"]))
                except ServiceError:
                    continue
        return Told(digest="")

    def _roll_out(self, attempt: _Attempt) -> Deployment:
        try:
            seen = self._first(attempt)
            self._workload.tell(attempt.told, before=attempt.before)
            self._wait_for_rest(attempt.told)
            found = self._newest(attempt.told)
            if seen is None:
                self._try(found[0], attempt.bento)
            for pod in found:
                self._require_serving(pod, attempt.bento)
        except _RefusedError as error:
            return self._go_back(attempt, error)
        self._workload.tell(attempt.told)
        return self._concluded(attempt, seen)

    def _concluded(self, attempt: _Attempt, seen: Answered | None) -> Deployment:
        name, before = attempt.bento.name, attempt.before.digest or None
        requests, errors = (None, None) if seen is None else (seen.requests, seen.errors)
        message = f"{name} passed the smoke test and answers in every pod."
        if seen is not None:
            message += f" Its first pod failed {errors} of {requests} requests in {self._patience.watch:g} s."
        self._say(message)
        return Deployment(
            bento=attempt.bento,
            verdict=Verdict.SUCCEEDED,
            message=message,
            before=before,
            requests=requests,
            errors=errors,
        )

    def _first(self, attempt: _Attempt) -> Answered | None:
        """Hold the roll-out at its first pod, try that, and watch it; None where the others have followed already."""
        first = self._appeared(attempt.told)
        if len(first) > 1:
            return None
        self._workload.tell(attempt.told, before=attempt.before, paused=True)
        pod = self._ready(attempt.told)
        self._try(pod, attempt.bento)
        self._say(f"{pod.name} passed the smoke test; it is watched for {self._patience.watch:g} s.")
        return self._watched(attempt.told, pod)

    def _appeared(self, told: Told) -> list[Pod]:
        until = time.monotonic() + self._patience.ready
        while True:
            state = self._own(told)
            if found := self._pods(state, told):
                return found
            if time.monotonic() > until:
                raise _NoRoomError(state.stalled or f"no pod of it was made within {self._patience.ready:g} s")
            time.sleep(self._patience.look)

    def _ready(self, told: Told) -> Pod:
        """The first pod, once it is ready; another one where it was taken from its node meanwhile."""
        until = time.monotonic() + self._patience.ready
        while True:
            found = self._newest(told)
            self._require_well(found)
            if ready := [pod for pod in found if pod.ready and pod.address]:
                return ready[0]
            if time.monotonic() > until:
                if found and found[0].unplaced:
                    raise _NoRoomError(f"no node takes {found[0].name}: {found[0].unplaced}")
                raise _RefusedError(f"no pod of it is ready within {self._patience.ready:g} s")
            time.sleep(self._patience.look)

    def _try(self, pod: Pod, bento: PromotedBento) -> None:
        self._asked(pod, lambda client: smoke_test(client, bento, log=f"the log of the pod {pod.name}"))

    def _require_serving(self, pod: Pod, bento: PromotedBento) -> None:
        def compare(client: ServiceClient) -> None:
            digest = str(client.model_info().get("digest"))
            if digest != bento.digest:
                raise ServiceError(f"{pod.name} serves the scorer {digest[:12]}, not {bento.digest[:12]}.", "")

        self._asked(pod, compare)

    def _asked(self, pod: Pod, ask: Callable[[ServiceClient], None]) -> None:
        """Ask a pod that is ready; one that does not answer yet is asked again for a while."""
        until = time.monotonic() + self._patience.answer
        while True:
            try:
                with self._client(f"http://{pod.address}") as client:
                    return ask(client)
            except NoAnswerError as error:
                if error.kind not in _PASSING or time.monotonic() > until:
                    raise _RefusedError(f"{pod.name}: {error}") from None
            except ServiceError as error:
                raise _RefusedError(f"{pod.name}: {error}".strip()) from None
            time.sleep(self._patience.look)

    def _watched(self, told: Told, first: Pod) -> Answered:
        """What the first pod answered for a while, if it errs no more often than the others at the same time."""
        others = [pod for pod in self._workload.pods(self._own(told)) if pod.digest != told.digest and pod.ready]
        at_first = answered([first, *others])
        until = time.monotonic() + self._patience.watch
        while True:
            self._require_well(self._newest(told))
            now = answered([first, *others])
            # A pod that was asked at both ends is compared; the first one began at 0.
            its = now.get(first.name, Answered()).since(at_first.get(first.name, Answered()))
            compared = (now.keys() & at_first.keys()) - {first.name}
            theirs = sum((now[name].since(at_first[name]) for name in compared), Answered())
            if its.errs_more_than(theirs):
                raise _RefusedError(
                    f"{first.name} failed {its.errors} of {its.requests} requests for decisions, the others at the "
                    f"same time {theirs.errors} of {theirs.requests}"
                )
            if time.monotonic() > until:
                return its
            time.sleep(self._patience.look)

    def _wait_for_rest(self, told: Told) -> None:
        """Until every pod that there should be serves it."""
        most, until = -1, 0.0
        while True:
            state = self._own(told)
            found = self._pods(state, told)
            self._require_well(found)
            ready = sum(pod.ready for pod in found)
            if state.complete and ready >= state.replicas:
                return
            if ready > most:
                most, until = ready, time.monotonic() + self._patience.ready
            if time.monotonic() > until:
                raise _RefusedError(state.stalled or f"only {ready} of {state.replicas} pods serve it")
            time.sleep(self._patience.look)

    def _go_back(self, attempt: _Attempt, error: _RefusedError) -> Deployment:
        """Tell pods to serve what they served before, and wait until they do."""
        name, before, why = attempt.bento.name, attempt.before, str(error).rstrip(".")
        verdict = Verdict.INCONCLUSIVE if isinstance(error, _NoRoomError) else Verdict.FAILED
        if not before.digest:
            self._workload.tell(attempt.told)
            message = f"{name} does not serve, and there is nothing to go back to: {why}."
        else:
            self._say(f"{name} does not serve: {why}. Back to {before.digest[:12]}.")
            self._workload.tell(before)
            try:
                self._wait_for_rest(before)
                stays = f"The one before, {before.digest[:12]}, answers"
            except _RefusedError as another:
                stays = f"The one before, {before.digest[:12]}, was told again, and is not in every pod: {another}"
            message = f"{name} was promoted but does not serve: {why}. {stays}."
        self._say(message)
        return Deployment(bento=attempt.bento, verdict=verdict, message=message, before=before.digest or None)

    def _require_well(self, pods: list[Pod]) -> None:
        for pod in pods:
            if pod.trouble:
                words = self._workload.last_words(pod) if pod.ailing else ""
                raise _RefusedError(f"{pod.trouble}{f', having said: {words}' if words else ''}")

    def _newest(self, told: Told) -> list[Pod]:
        return self._pods(self._own(told), told)

    def _pods(self, state: State, told: Told) -> list[Pod]:
        """Those that are told so and stay; the ready ones first."""
        found = [pod for pod in self._workload.pods(state) if pod.digest == told.digest and not pod.going]
        return sorted(found, key=lambda pod: not pod.ready)

    def _own(self, told: Told) -> State:
        """The Deployment, while it says what this call told it.

        Raises:
            ServiceError: somebody told it otherwise meanwhile.
        """
        state = self._workload.read()
        if state is None or state.told != told:
            raise ServiceError(
                f"Somebody changed {self._workload} meanwhile.", "Run it again: it brings what is promoted then."
            )
        return state


def _inconclusive(bento: PromotedBento, message: str) -> Deployment:
    return Deployment(bento=bento, verdict=Verdict.INCONCLUSIVE, message=message)
