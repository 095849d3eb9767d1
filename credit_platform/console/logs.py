"""Lines of a console that `streamlit run` started, a program of others that prints in a form of its own.

What is here: `log_streamlit`.
What must not be here: the form of lines (`credit_platform.logs`); consoles of `up` and `credit-platform console`, whose
starter takes what they print.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from credit_platform.files.process_logs import RotatingLog
from credit_platform.logs.foreign import log_printed
from credit_platform.logs.places import Lines, Output
from credit_platform.logs.programs import log_file, log_program

_PROGRAM = "console"
_NAME = "lines of what streamlit prints"


def log_streamlit(home: Path) -> None:
    """Make lines of all that this process prints from now on, once; a person's terminal stays as it is."""
    if sys.stderr.isatty() or any(one.name == _NAME for one in threading.enumerate()):
        return
    out = os.dup(1)
    log_program(_PROGRAM, home)
    printed, end = os.pipe()
    for number in (1, 2):
        os.dup2(end, number)
    os.close(end)
    place = Lines([Output(out)], RotatingLog(log_file(_PROGRAM, home)))
    threading.Thread(target=log_printed, args=(_PROGRAM, place, printed), name=_NAME, daemon=True).start()
