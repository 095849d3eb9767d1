"""A console that `streamlit run` started, asked by a browser: lines of JSON, no text of an exception."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.typing import Subprotocol

from credit_platform.console import app
from credit_platform.serving.local.ports import free_port

BROKEN = """
import sys
import streamlit
from credit_platform.console.logs import log_streamlit
from pathlib import Path
log_streamlit(Path(sys.argv[1]))
log_streamlit(Path(sys.argv[1]))
streamlit.write(int("CANARY"))
"""


async def open_page(port: int) -> None:
    """Run the script once, as a browser that opens the page does."""
    async with websockets.connect(
        f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=[Subprotocol("streamlit")]
    ) as browser:
        message = BackMsg()
        message.rerun_script.query_string = ""
        await browser.send(message.SerializeToString())
        await browser.recv()


def test_all_that_is_printed_is_lines(tmp_path: Path) -> None:
    script, home, port = tmp_path / "page é.py", tmp_path / "mes données é", free_port(8600)
    script.write_text(BROKEN)
    (tmp_path / ".streamlit").symlink_to(Path(app.__file__).with_name(".streamlit"))
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port), "--", str(home)]
    log = home / "logs" / "console.log"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ) as console:
        try:
            while not answers(port):  # the timeout of the test ends it
                time.sleep(0.1)
            asyncio.run(open_page(port))
            while not (log.is_file() and "ValueError" in log.read_text()):
                time.sleep(0.1)
        finally:
            console.terminate()
        printed = console.stdout.read().decode() if console.stdout else ""
    lines = [json.loads(line) for line in printed.splitlines()]
    failed = next(line for line in lines if line.get("failure") == "ValueError")
    assert (failed["logger"], "page é.py:8 <module>" in failed["traceback"]) == ("console", True)
    assert "CANARY" not in printed + log.read_text()


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/_stcore/health").is_success
    except httpx.TransportError:
        return False
