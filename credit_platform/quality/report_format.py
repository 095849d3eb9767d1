"""How numbers and small charts look in the quality report.

What is here: template filters.
What to add here: another way to show a value.
What must not be here: figures of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from markupsafe import Markup

from credit_platform import presented
from credit_platform.quality.profile import ColumnProfile

_WIDTH, _HEIGHT = 168, 34
_KIB = 1024
_LARGE = 1e15
_LABEL_LETTERS = 18


def number(value: float | None) -> str:
    """A number at a glance: thousands separated, four significant digits; a dash for none."""
    if value is None:
        return "–"
    if float(value).is_integer() and abs(value) < _LARGE:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"  # noqa: PLR2004  # how much fits a line of the page


def share(value: float) -> str:
    """A share as per cent; what is not nothing never reads as 0."""
    return presented.share(value)


def size(value: int) -> str:
    """Bytes in the unit that reads best."""
    amount = float(value)
    for unit in ("B", "KiB", "MiB"):
        if amount < _KIB:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= _KIB
    return f"{amount:.1f} GiB"


def bars(column: ColumnProfile) -> Markup:
    """Inline SVG of the distribution: columns for a histogram, rows with labels for the commonest values."""
    if not column.bins:
        return Markup("")
    draw = _value_bars if _is_categorical(column) else _histogram
    return Markup(draw(column))  # noqa: S704  # labels are escaped where they are put in


def _is_categorical(column: ColumnProfile) -> bool:
    shares = [part for _, part in column.bins]
    labels = [label for label, _ in column.bins]
    return column.type == "string" or labels != sorted(labels, key=_as_number) or len(shares) < 20  # noqa: PLR2004  # how much fits a line of the page


def _as_number(label: str) -> float:
    try:
        return float(label)
    except ValueError:
        return float("inf")


def _histogram(column: ColumnProfile) -> str:
    top = max(part for _, part in column.bins) or 1.0
    step = _WIDTH / len(column.bins)
    rects = []
    for position, (label, part) in enumerate(column.bins):
        height = max(part / top * (_HEIGHT - 2), 0.6 if part else 0.0)
        rects.append(
            f'<rect x="{position * step:.1f}" y="{_HEIGHT - height:.1f}" width="{step - 1:.1f}" height="{height:.1f}">'
            f"<title>from {escape(label)}: {share(part)}</title></rect>"
        )
    return _svg(column, _HEIGHT, "".join(rects))


def _value_bars(column: ColumnProfile) -> str:
    line = 13
    rows = []
    for position, (label, part) in enumerate(column.bins):
        y = position * line
        shown = label if len(label) <= _LABEL_LETTERS else label[: _LABEL_LETTERS - 1] + "…"
        rows.append(
            f'<rect x="0" y="{y + 1}" width="{max(part * _WIDTH, 1):.1f}" height="{line - 2}">'
            f"<title>{escape(label)}: {share(part)}</title></rect>"
            f'<text x="3" y="{y + 10}">{escape(shown)}</text>'
            f'<text x="{_WIDTH}" y="{y + 10}" text-anchor="end">{share(part)}</text>'
        )
    return _svg(column, line * len(column.bins), "".join(rows))


def _svg(column: ColumnProfile, height: int, body: str) -> str:
    label = escape(f"Distribution of {column.name}", quote=True)
    return (
        f'<svg role="img" aria-label="{label}" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}">{body}</svg>'
    )


FILTERS: dict[str, Callable[..., str]] = {"number": number, "share": share, "size": size, "bars": bars}
