"""Write docs/metrics.md from the catalogue of metrics: `python -m scripts.write_metrics_page`."""

from __future__ import annotations

from pathlib import Path

from credit_platform.monitoring.metric_catalogue import catalogue_page

PAGE = Path(__file__).resolve().parents[1] / "docs" / "metrics.md"

if __name__ == "__main__":
    PAGE.write_text(catalogue_page(), encoding="utf-8")
