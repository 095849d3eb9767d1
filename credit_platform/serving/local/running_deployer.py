"""This machine as the target of `serving/deployment`: the service of this home that follows what is promoted.

What is here: `RunningServiceDeployer`, which waits until that service has switched, and tries it.
What must not be here: switching (`blue_green.py`, in the program that runs the service).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from credit_platform.errors import NoticeError, ServiceError
from credit_platform.monitoring.notices.incidents import IncidentBook
from credit_platform.serving.deployer import Deployer, Deployment, Verdict
from credit_platform.serving.local.service_notices import key_of
from credit_platform.serving.promoted import PromotedBento
from credit_platform.serving.running_services import ServiceAccess, running_services
from credit_platform.serving.service_client import ServiceClient
from credit_platform.serving.service_problems import NoAnswerError
from credit_platform.serving.smoke_test import smoke_test
from credit_platform.settings import Settings

SWITCH_SECONDS = 60.0
"""The service looks every second; to start another process beside it takes a few, on a busy machine many."""
_LOOK_SECONDS = 0.2


class RunningServiceDeployer(Deployer):
    """The service of one portfolio that `up` or `serve` runs of this home."""

    def __init__(
        self, settings: Settings, portfolio: str, *, say: Callable[[str], None], wait_seconds: float = SWITCH_SECONDS
    ) -> None:
        """Nothing is asked yet."""
        self._settings = settings
        self._portfolio = portfolio
        self._say = say
        self._wait_seconds = wait_seconds

    def deploy(self, bento: PromotedBento) -> Deployment:
        """Wait until the service answers with this Bento, or says that it does not."""
        access = self._running()
        if access is None:
            return Deployment(
                bento=bento,
                verdict=Verdict.INCONCLUSIVE,
                message=f"No service of {self._portfolio} runs on this machine, so {bento.name} is served nowhere: "
                f"start it with credit-platform serve {self._portfolio}, or make up.",
            )
        with ServiceClient(access) as client:
            before = _served(client)
            self._say(f"{access.url} answers with {str(before)[:12]}.")
            refused = self._switched(client, bento)
            if refused is not None:
                return Deployment(bento=bento, verdict=Verdict.FAILED, message=refused, before=before)
            try:
                smoke_test(client, bento, log="the log of the service")
            except ServiceError as error:
                message = f"{bento.name} is switched to, and fails: {error}"
                return Deployment(bento=bento, verdict=Verdict.FAILED, message=message, before=before)
        message = f"{bento.name} answers at {access.url}."
        return Deployment(bento=bento, verdict=Verdict.SUCCEEDED, message=message, before=before)

    def _running(self) -> ServiceAccess | None:
        return next((one for one in running_services(self._settings) if one.portfolio == self._portfolio), None)

    def _switched(self, client: ServiceClient, bento: PromotedBento) -> str | None:
        """Wait for the digest; why it does not come, or None when it is there."""
        until = time.monotonic() + self._wait_seconds
        while (served := _served(client)) != bento.digest:
            if (why := self._refusal(bento)) is not None:
                return why
            if time.monotonic() > until:
                answers = "does not answer" if served is None else f"still answers with {served[:12]}"
                return f"{bento.name} is not served: after {self._wait_seconds:g} s the service {answers}."
            time.sleep(_LOOK_SECONDS)
        return None

    def _refusal(self, bento: PromotedBento) -> str | None:
        """What the service told people of this Bento, if it refused it."""
        try:
            found = IncidentBook.of(self._settings).open_incidents()
        except NoticeError:  # then only the wait is longer
            return None
        wrong = {key_of(self._portfolio, "refused"), key_of(self._portfolio, "start")}
        return next((str(one.message) for one in found if one.key in wrong and bento.name in one.message), None)


def _served(client: ServiceClient) -> str | None:
    try:
        return str(client.model_info().get("digest"))
    except NoAnswerError:
        return None
