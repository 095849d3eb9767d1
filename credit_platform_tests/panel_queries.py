"""What the panels of the committed dashboards ask Prometheus, as Grafana would send it.

Variables stand at *All*; a panel over time asks for a range, the others for now.
"""

from __future__ import annotations

import json
import math
import re
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from credit_platform_tests.prometheus_stack import fetch
from scripts.monitoring.write import FOLDER

RANGE: Final = "15m"
"""Of the dashboard: longer than a test takes."""
RATE: Final = "1m"
_STEP_SECONDS: Final = 5
_VARIABLES: Final = {"$__rate_interval": RATE, "$__range": RANGE}


@dataclass(frozen=True)
class PanelQuery:
    """One expression of a panel."""

    dashboard: str
    panel: str
    expression: str
    instant: bool

    def samples(self, prometheus: str) -> int:
        """How many numbers it gives, over the range or now; one that is no number cannot be drawn."""
        now = time.time()
        what: dict[str, Any] = {"query": self.expression}
        if self.instant:
            path, what["time"] = "query", now
        else:
            path = "query_range"
            what |= {"start": now - 15 * 60, "end": now, "step": _STEP_SECONDS}
        answer = json.loads(fetch(f"http://{prometheus}/api/v1/{path}?{urllib.parse.urlencode(what)}"))
        points = [point for series in answer["data"]["result"] for point in series.get("values", [series.get("value")])]
        return sum(not math.isnan(float(value)) for _, value in points)


def panel_queries() -> Iterator[PanelQuery]:
    """Every expression of every dashboard that is committed."""
    for file in sorted((FOLDER / "grafana" / "dashboards").glob("*.json")):
        page = json.loads(file.read_text(encoding="utf-8"))
        chosen = {f"${one['name']}": one["allValue"] for one in page["templating"]["list"] if "allValue" in one}
        for panel in page["panels"]:
            for target in panel.get("targets", ()):
                expression = target["expr"]
                for name, value in {**_VARIABLES, **chosen}.items():
                    expression = re.sub(rf"{re.escape(name)}\b", value, expression)
                yield PanelQuery(file.stem, panel["title"], expression, bool(target.get("instant")))
