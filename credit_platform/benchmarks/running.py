"""How a service that runs somewhere answers under load, asked over the way that its clients take.

What is here: `bench_running`: the examples that it publishes itself, by so many clients for so long; `objections`:
what speaks against the service then.
What to add here: another thing that a caller could measure of a service that is not ours to start.
What must not be here: the clients (`load.py`), services that are started to be measured (`serving.py`).

What is asked by `/predict` is decided and logged, by the names of the examples; by `/explain` nothing is.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Literal
from urllib.parse import urlsplit

from credit_platform.benchmarks.conditions import conditions
from credit_platform.benchmarks.load import Address, load, request_bytes
from credit_platform.benchmarks.result import Benchmark, Figure, Measurement, Role
from credit_platform.errors import ServiceError
from credit_platform.serving.certificates import certificates
from credit_platform.serving.connect_to import host_and_port
from credit_platform.serving.service_client import ServiceClient, named_service
from credit_platform.serving.smoke_test import examples

Route = Literal["/predict", "/explain"]
_PORTS = {"http": 80, "https": 443}
_PATIENCE_SECONDS = 60.0
"""Beyond the length of the load: an answer that takes longer does not come."""


def bench_running(
    url: str, key: str | None, *, clients: int, seconds: float, route: Route = "/predict", connect_to: str | None = None
) -> Benchmark:
    """Load the service at `url`; a request that is not answered by 200 is an error.

    Args:
        url: of the service, as its clients know it.
        key: an API key of the scope of `route`, whose rate lets so much through.
        clients: connections, each of which sends its next request when it has its answer.
        seconds: how long.
        route: what is asked.
        connect_to: host and port that connections go to, where the URL's own do not lead there.

    Raises:
        ServiceError: there is no such service, or it stopped answering.
    """
    access = named_service(url, key, connect_to=connect_to)
    taken = conditions(synthetic=True, scale=None, data_bytes=None, made_up=f"examples of {access.portfolio} at {url}")
    with ServiceClient(access, connect_to=connect_to) as client:
        bodies = [json.dumps(one["value"]).encode() for one in examples(client.openapi()).values()]
    path = urlsplit(access.url).path
    requests = [request_bytes(urlsplit(access.url).netloc, f"{path}{route}", body, key) for body in bodies]
    began = time.process_time()
    found = _loaded(_address(access.url, connect_to), requests, clients, seconds)
    name = f"{clients} clients"
    measured = Measurement(
        name=name,
        role=Role.PLATFORM,
        what=f"{route} of {url}, from here; processor time is that of the clients",
        seconds=found["seconds"],
        cpu_seconds=time.process_time() - began,
        peak_bytes=0,
    )
    return Benchmark(
        name="serving",
        conditions=taken,
        measurements=(measured,),
        figures=(
            Figure(name=f"{name}: throughput", value=found["per_second"], unit="requests/s"),
            *(Figure(name=f"{name}: {p}", value=found[f"{p}_ms"], unit="ms") for p in ("p50", "p95", "p99")),
            Figure(name=f"{name}: requests", value=found["requests"], unit="requests"),
            Figure(name=f"{name}: errors", value=found["errors"], unit="errors"),
        ),
    )


def _address(url: str, connect_to: str | None) -> Address:
    read = urlsplit(url)
    name = str(read.hostname)
    host, port = host_and_port(connect_to) if connect_to else (name, read.port or _PORTS[read.scheme])
    return Address(host=host, port=port, tls=certificates() if read.scheme == "https" else None, name=name)


def _loaded(address: Address, requests: list[bytes], clients: int, seconds: float) -> dict[str, float]:
    async def within() -> dict[str, float]:
        async with asyncio.timeout(seconds + _PATIENCE_SECONDS):
            return await load(address, requests, clients, seconds, patient=True)

    try:
        return asyncio.run(within())
    except TimeoutError:
        raise ServiceError(
            f"The service stopped answering while {clients} clients asked it.", "Look at its log, and at its gateway's."
        ) from None


def objections(benchmark: Benchmark, most: float) -> list[str]:
    """What speaks against a service that was loaded: an error, or a p95 of `most` ms or more; a sentence each."""
    (name,) = (measured.name for measured in benchmark.measurements)
    errors, asked, p95 = (benchmark.figure(f"{name}: {what}") for what in ("errors", "requests", "p95"))
    said = [f"{errors:.0f} of {asked:.0f} requests were not answered by 200."] if errors else []
    return said + ([f"The p95 is {p95:.0f} ms, and {most:g} ms or more is too slow."] if p95 >= most else [])
