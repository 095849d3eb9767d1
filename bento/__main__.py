"""`python -m bento --port 3000`: the service in one process.

Same BentoML application as `bentoml serve`, without the supervisor: starts in half the time and half the memory, and
leaves no orphan when it is killed. Right where something else supervises: `credit-platform`, tests, Kubernetes.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

ENDPOINTS = frozenset({"/predict", "/predict_batch", "/predict/batch", "/explain"})
"""Paths of what many clients ask at once."""
STARTUP_FAILURE = 3
"""Exit status where the port cannot be opened, as uvicorn's own command has it."""


def main(arguments: list[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT; see `http/draining.py` for how it ends."""
    parser = argparse.ArgumentParser(prog="python -m bento", description="Serve the scorer over HTTP.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when whoever started this does")
    options = parser.parse_args(arguments)
    # Importing makes objects that stay; looking for garbage among them takes a tenth of the start.
    # The service turns the collector on again once it is loaded.
    gc.disable()
    # One process: metrics need no shared folder, and one left over from another service must not be mixed in.
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "true")

    if os.getpid() == 1:  # of a container: the kernel keeps signals from it that nobody listens to
        signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))

    # After the environment is set: some of these read it when they are imported.
    from credit_platform.native_threads import limit_threads

    limit_threads()
    import uvicorn

    from bento.http.connections import BoundedProtocol
    from bento.http.draining import DrainingServer
    from bento.http.startup import require_keys, require_log
    from bento.runtime.logs import configure_logging, refuse_to_start
    from bento.runtime.settings import platform_settings
    from bento.service import APP, SETTINGS, STATE, CreditScoring
    from credit_platform.errors import ApiKeyError, DecisionLogLostError, SettingError

    try:
        configure_logging()
        require_keys(platform_settings(), SETTINGS)
        require_log(platform_settings())
    except (ApiKeyError, DecisionLogLostError, SettingError) as error:
        refuse_to_start(error)

    if options.until_stdin_closes:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    service: Any = CreditScoring  # BentoML's decorator makes a Service of the class; its annotations do not say so
    config = uvicorn.Config(
        with_short_way(without_timer(service.to_asgi(is_main=True)), APP),
        host=options.host,
        port=options.port,
        http=BoundedProtocol,
        ws="none",
        log_config=None,  # ours: JSON, see logs.py
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here asks where a client is
        timeout_graceful_shutdown=math.ceil(SETTINGS.finish_seconds),
    )
    server = DrainingServer(config, STATE.leave, SETTINGS.drain_seconds)
    with suppress(KeyboardInterrupt):  # uvicorn raises again what ended it
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def without_timer(app: Any) -> Any:
    """Take away BentoML's time limit: a task and a timer for each request, which keep it in memory for ten seconds.

    Our own limits are shorter: `body_seconds` for the request, `decision_log_seconds` for its decision.
    """
    app.user_middleware = [one for one in app.user_middleware if one.cls.__name__ != "TimeoutMiddleware"]
    return app


def with_short_way(bentoml_app: ASGIApp, own_app: ASGIApp) -> ASGIApp:
    """Send a request for one of our endpoints to `own_app` at once, and everything else through BentoML's application.

    BentoML would hand it over too, after tracing (which is off), a context that nothing of ours reads, and its own
    routes: 0.13 ms of processor time for each request.
    """

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        ours = scope["type"] == "http" and scope["path"] in ENDPOINTS
        await (own_app if ours else bentoml_app)(scope, receive, send)

    return dispatch


def _end_with_stdin() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
