"""Servers to compare ours with: `python -m credit_platform.benchmarks.serving_peers {constant,fastapi,front} --port N`.

What is here: a server that always says the same (the ceiling of the client), bare FastAPI around the same scorer
and the same decision log, without keys, rules, metrics, limits or headers, and the port of `credit-platform serve`.
What must not be here: anything a user should run.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import threading
import time
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"


async def _constant(port: int) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
                await reader.readexactly(length)
                writer.write(answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_server(serve, HOST, port) as server:
        await server.serve_forever()


def fastapi_application(scorer_folder: Path) -> Any:
    """Bare FastAPI with one route."""
    from fastapi import FastAPI, Request, Response

    from bento.http.startup import open_log
    from bento.runtime.metrics import ServiceMetrics
    from bento.runtime.recorder import Recorder, Scored
    from bento.runtime.settings import PlatformSettings, ServiceSettings
    from credit_platform.scoring import Request as Applicant
    from credit_platform.scoring import Scorer

    scorer, metrics = Scorer.load(scorer_folder), ServiceMetrics()
    recorder = Recorder(open_log(PlatformSettings(), ServiceSettings(), metrics), metrics, scorer)
    app = FastAPI(openapi_url=None)

    async def predict(request: Request) -> Response:
        started = time.perf_counter()
        body = await request.json()
        applicant = Applicant(application=body["application"], histories=body.get("histories"))
        scorer.check(applicant)
        features = scorer.features_of(applicant)
        (decision,) = scorer.decide(scorer.margins([features]), [scorer.case_of(applicant, features)])
        written = await recorder.record([Scored(applicant, decision, features)], started=started)
        return Response(written.answers[0], media_type="application/json")

    app.add_route("/predict", predict, methods=["POST"])
    return app


def _front(port: int, backend: int) -> None:
    """What `credit-platform serve` puts before the service, in a process of its own, as there."""
    from credit_platform.serving.local.reverse_proxy import ReverseProxy

    ReverseProxy(port).switch(backend)
    threading.Event().wait()


def _fastapi(port: int) -> None:
    import uvicorn

    app = fastapi_application(Path(os.environ["CREDIT_PLATFORM_SCORER"]))
    # The same care as our service takes, or the comparison would be with the garbage collector.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    uvicorn.run(app, host=HOST, port=port, log_level="error", access_log=False)


def main() -> None:
    """Serve one of them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["constant", "fastapi", "front"])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--backend", type=int, help="port of the service behind the front")
    options = parser.parse_args()
    if options.kind == "constant":
        asyncio.run(_constant(options.port))
    elif options.kind == "front":
        _front(options.port, options.backend)
    else:
        _fastapi(options.port)


if __name__ == "__main__":
    main()
