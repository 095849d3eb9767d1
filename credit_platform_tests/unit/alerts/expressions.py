"""What a PromQL expression reads: metrics, and the labels that it names of them."""

from __future__ import annotations

import re
from typing import Final

from credit_platform.monitoring.metric_catalogue import CATALOGUE
from credit_platform.monitoring.metrics.metric import Kind
from scripts.monitoring import recording
from scripts.monitoring.outside import OUTSIDE

_RESERVED: Final = frozenset(
    re.findall(
        r"\w+",
        "and or unless on ignoring group_left group_right by without offset bool sum min max avg count topk bottomk "
        "rate increase irate histogram_quantile absent abs sqrt vector time changes clamp_min clamp_max label_replace "
        "max_over_time min_over_time avg_over_time sum_over_time count_over_time last_over_time deriv predict_linear "
        "scalar sort_desc sort ceil round inf nan",
    )
)
_TEXT: Final = re.compile(r'"[^"]*"')
_RANGE: Final = re.compile(r"\[[^\]]*\]")
_SELECTOR: Final = re.compile(r"([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}")
_LABELS: Final = re.compile(r"\b(?:by|on|without|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_OFFSET: Final = re.compile(r"\boffset\s+[\w$]+")
_NAME: Final = re.compile(r"(?<![\w$:.])[a-zA-Z_:][\w:]*")
_ADDED: Final = ("job", "instance", "portfolio")
"""By Prometheus, of the target."""


def known_labels() -> dict[str, frozenset[str]]:
    """Every series that may be read, with its labels."""
    known = {name: frozenset(labels) for name, labels in OUTSIDE.items()}
    for name, metric in CATALOGUE.items():
        labels = frozenset(metric.label_names) | frozenset(_ADDED)
        if metric.kind is Kind.HISTOGRAM:
            known |= {f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels, f"{name}_count": labels}
        else:
            known[name] = labels
    for group in recording.GROUPS:
        known |= {rule["record"]: frozenset({"portfolio"}) for rule in group["rules"]}  # type: ignore[attr-defined]  # rules are plain mappings
    return known


def complaints(expression: str) -> list[str]:
    """What an expression reads that nobody tells: metrics, and labels of its selectors and groupings."""
    known = known_labels()
    text = _TEXT.sub('""', expression)
    found = []
    read: set[str] = set()
    for name, matchers in _SELECTOR.findall(text):
        labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))
        found += [f"{name} has no label {label}" for label in sorted(labels - known.get(name, frozenset(labels)))]
    groupings = {label.strip() for group in _LABELS.findall(text) for label in group.split(",") if label.strip()}
    bare = _SELECTOR.sub(r"\1 ", text)
    for pattern in (_RANGE, _OFFSET, _LABELS, _TEXT):
        bare = pattern.sub(" ", bare)
    read = {name for name in _NAME.findall(bare) if name not in _RESERVED}
    found += [f"nobody tells {name}" for name in sorted(read - set(known))]
    told = frozenset().union(*(known.get(name, frozenset()) for name in read))
    return found + [f"none of {', '.join(sorted(read))} has a label {label}" for label in sorted(groupings - told)]
