"""A second port for metrics alone, without a key: for a Prometheus on this machine or in the same cluster.

What is here: `MetricsPort`, which also lets the process be measured now and then.
What to add here: nothing that a client of the API may see.
What must not be here: routes of the API; what the metrics are (`metrics.py`).

Of several workers the first one gets the port, and answers for all: metrics are shared. When it ends, another one takes
the port at its next try.
"""

from __future__ import annotations

import logging
import threading

from bento.runtime.metrics import ServiceMetrics
from bento.runtime.settings import ServiceSettings
from credit_platform.monitoring.metrics_server import MetricsServer

LOGGER = logging.getLogger("credit_platform.service")
PERIOD_SECONDS = 5.0


class MetricsPort:
    """Measures the process, and answers at the port if the settings name one."""

    def __init__(self, metrics: ServiceMetrics, settings: ServiceSettings, *, period: float = PERIOD_SECONDS) -> None:
        """Nothing is opened before `start`.

        Args:
            metrics: what is told.
            settings: name host and port.
            period: seconds between two measurements, and between two tries to get the port.
        """
        self._metrics = metrics
        self._place = (settings.metrics_host, settings.metrics_port)
        self._period = period
        self._server: MetricsServer | None = None
        self._told = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)

    def start(self) -> None:
        """Begin; a port that is taken keeps nothing from serving. Once begun, it goes on when begun again."""
        if self._thread.ident is not None:
            return
        self._step()
        self._thread.start()

    def stop(self) -> None:
        """Close the port."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._server is not None:
            self._server.stop()
            self._server = None

    def _run(self) -> None:
        while not self._over.wait(self._period):
            self._step()

    def _step(self) -> None:
        self._metrics.measure_process()
        host, port = self._place
        if port is None or self._server is not None:
            return
        try:
            server = MetricsServer(self._metrics.exposition, host, port)
        except OSError as error:
            if not self._told:  # once: of several workers all but one find it taken
                LOGGER.info("metrics port %s:%d: %s; it is tried again", host, port, error.strerror or error)
            self._told = True
            return
        server.start()
        self._server = server
