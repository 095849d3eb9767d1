"""The console as an ASGI application, for a server that listens at a Unix socket, which `streamlit run` does not offer.

What is here: `app`. What must not be here: pages (`app.py`) and options, which a variable of the environment holds.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from streamlit import config
from streamlit.starlette import App

from credit_platform.logs.programs import log_program

OPTIONS_VARIABLE: Final = "CREDIT_PLATFORM_CONSOLE_OPTIONS"
"""A JSON object of Streamlit's options: its own variables and flags are read by its command line only."""
_WORDS: Final = {"true": True, "false": False}

log_program("console", Path(os.environ.get("CREDIT_PLATFORM_HOME", ".credit_platform")))
for _name, _value in json.loads(os.environ[OPTIONS_VARIABLE]).items():
    config.set_option(_name, _WORDS.get(_value, _value))
app = App(Path(__file__).parent / "app.py")
