"""`credit-platform exporter`: what the platform's state says, as metrics for Prometheus, until Ctrl-C."""

from __future__ import annotations

from rich.console import Console

from credit_platform.environment import prepare_environment
from credit_platform.errors import EnvironmentSetupError
from credit_platform.local.supervisor import StopRequest
from credit_platform.logs.programs import log_program
from credit_platform.monitoring.exporter.background import Background
from credit_platform.monitoring.exporter.collectors import lakehouse_collectors
from credit_platform.monitoring.metrics_server import MetricsServer
from credit_platform.monitoring.scrape_targets import EXPORTER_JOB, Target, announced_targets
from credit_platform.portfolios import all_portfolios
from credit_platform.settings import Settings


def run_exporter(settings: Settings, *, host: str, port: int, console: Console | None = None) -> None:
    """Serve metrics until Ctrl-C or SIGTERM.

    Args:
        settings: where everything lies.
        host: address to listen at; there is no key, so loopback or inside a cluster.
        port: 0 for any free one.
        console: where to say where it is.

    Raises:
        EnvironmentSetupError: the port is taken, or the home cannot be used.
    """
    prepare_environment(settings)
    log_program("exporter", settings.home)
    # It reads its folders when it is imported.
    from credit_platform.orchestration.collectors import dagster_collectors

    screen = console or Console()
    portfolios = all_portfolios()
    collectors = [*dagster_collectors(settings, portfolios), *lakehouse_collectors(settings, portfolios)]
    background = Background(collectors, settings.exporter_seconds)
    try:
        server = MetricsServer(background.exposition, host, port)
    except OSError as error:
        raise EnvironmentSetupError(
            f"The exporter cannot listen at {host}:{port}: {error.strerror or error}.", "Name another port: --port."
        ) from error
    with StopRequest().listening() as request, server:
        with announced_targets(settings, [Target(EXPORTER_JOB, server.address)]):
            background.start()
            screen.print(f"Metrics: http://{server.address}/metrics. Ctrl-C stops it.", highlight=False, soft_wrap=True)
            request.stop.wait()
        background.stop()
    screen.print("Stopped.")
