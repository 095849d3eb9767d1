"""Every dashboard of Grafana, a module each.

What is here: `DASHBOARDS`; `api.py`, `decisions.py`, `drift.py`, `performance.py`, `pipeline.py`, `infrastructure.py`,
`business.py`.
What to add here: a dashboard that answers a question of one reader; its `uid` is what alerts name.
What must not be here: how a panel is drawn (`scripts/monitoring/panels.py`).
"""

from __future__ import annotations

from scripts.monitoring.dashboards import api, business, decisions, drift, infrastructure, performance, pipeline

DASHBOARDS = (
    api.DASHBOARD,
    decisions.DASHBOARD,
    drift.DASHBOARD,
    performance.DASHBOARD,
    pipeline.DASHBOARD,
    infrastructure.DASHBOARD,
    business.DASHBOARD,
)
