"""What Streamlit Community Cloud runs: the console, over a scoring service elsewhere. README.md says how."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
if str(ROOT) not in sys.path:  # the checkout is not installed there
    sys.path.insert(0, str(ROOT))
runpy.run_path(str(ROOT / "credit_platform" / "console" / "app.py"), run_name="__main__")
