"""Sparing whoever clicks the search for garbage among the modules.

What is here: `spare_modules`.
What to add here: nothing, with luck.
What must not be here: switching the search off: Streamlit's own, after each run of a page, keeps the console small.
"""

from __future__ import annotations

import gc
from functools import cache


@cache
def spare_modules() -> None:
    """Let the collector forget what is imported by now, once: it stays, and walking through it takes 60 ms a click."""
    gc.collect()
    gc.freeze()
