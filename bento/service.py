"""The BentoML service: what `bentoml serve` and `bentoml build` load.

What is here: `CreditScoring`, which loads the scorer and hosts the routes of `app.py`.
What to add here: a setting of BentoML, a hook of its life cycle.
What must not be here: routes, rules and scoring; and imports of polars or a model library at the top: the process that
supervises the workers imports this module too.

In a Bento the scorer lies beside this package; elsewhere name it: `CREDIT_PLATFORM_SCORER=folder bentoml serve
bento/service.py` in the root of the checkout.
"""

from __future__ import annotations

import gc
import logging
import sys
from pathlib import Path

import bentoml
from uvicorn.config import HTTP_PROTOCOLS

from bento.http.app import create_app
from bento.http.guard import AnswerHeaders
from bento.http.handling import ServiceState
from bento.http.startup import open_log, require_keys, require_log, require_source
from bento.runtime.logs import configure_logging, refuse_to_start
from bento.runtime.metrics_port import MetricsPort
from bento.runtime.settings import platform_settings, scorer_folder, service_settings
from bento.runtime.slim import UNUSED, without
from credit_platform.errors import ApiKeyError, CreditPlatformError, DecisionLogLostError, SettingError
from credit_platform.native_threads import limit_threads

limit_threads()  # of the workers that `bentoml serve` starts: they inherit the variables
LOGGER = logging.getLogger("credit_platform.service")
try:
    SETTINGS = service_settings()
except SettingError as refused:
    refuse_to_start(refused)
STATE = ServiceState(SETTINGS)
APP = create_app(STATE)
PORT = MetricsPort(STATE.metrics, SETTINGS)
# `bentoml serve` starts uvicorn itself and leaves the choice of a protocol to it: this is what it chooses.
HTTP_PROTOCOLS["auto"] = "bento.http.connections:BoundedProtocol"

if Path(sys.argv[0]).match("_bentoml_impl/worker/*.py"):
    configure_logging()  # BentoML tells before it makes the service that it is loaded
if sys.argv[1:2] == ["serve"]:
    # `bentoml serve` starts a worker that ends at once again and again; better to say why, here, and not to start.
    try:
        configure_logging()  # of this process: what BentoML says of the start is in our form, too
        require_keys(platform_settings(), SETTINGS)
        require_log(platform_settings())
    except (ApiKeyError, DecisionLogLostError, SettingError) as error:
        refuse_to_start(error)


@bentoml.service(
    name="credit_scoring",
    workers=SETTINGS.workers,
    # Ours are at /metrics instead: BentoML labels by raw path, so each unknown path would be a series for ever.
    metrics={"enabled": False},
    # Its timer keeps every request in memory until it fires. Our own limits answer first.
    traffic={"timeout": 10},
    tracing={"excluded_urls": ".*"},
    logging={"access": {"enabled": False}},
)
@bentoml.asgi_app(APP.__call__, path="/")
class CreditScoring:
    """Scores one applicant at a time with the scorer it carries."""

    def __init__(self) -> None:
        """Load keys, scorer and log. Without keys or with a log that lost decisions it ends; else /health tells.

        Raises:
            ApiKeyError: there are no API keys, and authentication is not disabled.
            DecisionLogLostError: the decision log lacks what its checkpoints vouch for.
            SettingError: CREDIT_PLATFORM_LOG_LEVEL is no level.
        """
        configure_logging()
        PORT.start()
        platform = platform_settings()
        try:
            STATE.gatekeeper = require_keys(platform, SETTINGS)
            require_log(platform)
        except (ApiKeyError, DecisionLogLostError) as error:
            LOGGER.critical("not started: %s", error)
            raise
        try:
            with without(*UNUSED):
                from bento.runtime.engine import load_engine  # noqa: PLC0415  # see the module's docstring
                from bento.runtime.shadow import open_shadow  # noqa: PLC0415  # see the module's docstring

                require_source()
                engine = load_engine(scorer_folder(), deployed_at=SETTINGS.deployed_at)
                # One that cannot be used keeps the service from being ready: nobody would notice that it is missing.
                shadow = open_shadow(platform, SETTINGS, engine.scorer, STATE.metrics)
            STATE.use(engine, open_log(platform, SETTINGS, STATE.metrics), shadow)
        except CreditPlatformError as error:
            STATE.fail(str(error))
            LOGGER.error("not ready: %s", error)  # noqa: TRY400  # the cause is in the message, a trace adds nothing

    @bentoml.on_startup  # type: ignore[untyped-decorator]  # BentoML gives it no types
    def tune_garbage_collector(self) -> None:
        """Keep the collector from walking the import graph while requests wait: it paused them up to 250 ms."""
        gc.freeze()
        gc.enable()
        gc.set_threshold(50_000, 20, 100)
        # The thread that writes the log waits this long for the interpreter while another computes; 5 ms by default.
        sys.setswitchinterval(0.0005)

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]  # as above
    def close_log(self) -> None:
        """Let the log write what waits; metrics can be asked to the end."""
        STATE.close()
        PORT.stop()

    async def __is_ready__(self) -> bool:
        """What BentoML's own /readyz answers."""
        return STATE.reason is None


CreditScoring.add_asgi_middleware(AnswerHeaders)  # type: ignore[attr-defined]  # the decorator makes a Service of it
