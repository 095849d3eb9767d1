"""Whether a program of this container answers. Usage: `python health.py http://host:port/path`, or `grpc://host:port`.

Ends with 0 when it does; else with 1 and a sentence, which `docker inspect` shows.
"""

from __future__ import annotations

import http.client
import sys
from urllib.parse import urlsplit

SECONDS = 4.0
"""How long an answer may take; whoever asks waits five."""


def answers(address: str) -> bool:
    """Ask once.

    Raises:
        OSError: Nobody listens, or not in time.
    """
    url = urlsplit(address)
    if url.scheme == "grpc":
        return _serves(url.netloc)
    connection = http.client.HTTPConnection(url.netloc, timeout=SECONDS)
    try:
        # The name that every program knows itself by, whatever else it may be called.
        connection.request("GET", url.path or "/", headers={"Host": "localhost"})
        return connection.getresponse().status < http.client.BAD_REQUEST
    finally:
        connection.close()


def _serves(target: str) -> bool:
    import grpc  # noqa: PLC0415  # images without gRPC ask over HTTP
    from grpc_health.v1 import health_pb2, health_pb2_grpc  # noqa: PLC0415

    with grpc.insecure_channel(target) as channel:
        request = health_pb2.HealthCheckRequest(service="DagsterApi")
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(request, timeout=SECONDS)
        except grpc.RpcError as error:
            raise OSError(str(error.code())) from error  # type: ignore[attr-defined]  # every call that failed has one
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


if __name__ == "__main__":
    try:
        healthy = answers(sys.argv[1])
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"{sys.argv[1]} does not answer: {error}")
    if not healthy:
        sys.exit(f"{sys.argv[1]} says that it is not well.")
