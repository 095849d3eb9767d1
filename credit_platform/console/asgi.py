"""The console as an ASGI application, for a server that listens at a Unix socket, which `streamlit run` does not offer.

What is here: `app`. What must not be here: pages (`app.py`) and options, which come as variables of the environment.
"""

from __future__ import annotations

from pathlib import Path

from streamlit.starlette import App

app = App(Path(__file__).parent / "app.py")
