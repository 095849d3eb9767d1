"""Pictures of counts in cells: reference against now, as histograms and box plots, in SVG that needs nothing else.

What is here: `histogram`, `box_plot`, `category_bars`, and `spread` and `quantile`, by which cells become a picture.
What to add here: another picture of counts.
What must not be here: values of people; there are none left in the counts.

Inside of a cell values are taken to be spread evenly between its edges; of 256 cells that is finer than a picture.
"""

from __future__ import annotations

from html import escape

import numpy as np
from markupsafe import Markup

from credit_platform.monitoring.drift.cells import Cells, Floats
from credit_platform.quality.report_format import number, share

_WIDTH, _HEIGHT, _BARS = 420, 120, 28
_BEFORE, _NOW = "before", "now"
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_MOST_CATEGORIES = 12
_LABEL_LETTERS = 22


def spread(cells: Cells, counts: Floats, grid: Floats) -> Floats:
    """(bars,) share of those with a number in each bar of `grid`; what lies outside is put into the first and last."""
    inner = counts[2:-1]
    total = float(counts[1:].sum())
    if not total or cells.edges.size < 2:  # noqa: PLR2004  # a cell has two edges
        return np.zeros(grid.size - 1)
    running = np.concatenate(([0.0], np.cumsum(inner)))
    at = np.interp(grid, cells.edges, running)
    at[0], at[-1] = 0.0, running[-1]
    bars = np.diff(at)
    bars[0] += counts[1]
    bars[-1] += counts[-1]
    return np.asarray(bars / total)


def quantile(cells: Cells, counts: Floats, shares: tuple[float, ...]) -> list[float] | None:
    """Values below which so many of those with a number lie; None where nobody has one."""
    total = float(counts[1:].sum())
    if not total or not cells.edges.size:
        return None
    # Those below the least value of training lie at the first edge, those above at the last.
    running = counts[1] + np.concatenate(([0.0], np.cumsum(counts[2:-1])))
    return [float(value) for value in np.interp(np.array(shares) * total, running, cells.edges)]


def grid_of(cells: Cells, before: Floats, now: Floats) -> Floats:
    """Equal steps over the range in which nearly all of both lie."""
    ends = [quantile(cells, side, (0.005, 0.995)) for side in (before, now)]
    known = [end for end in ends if end is not None] or [[0.0, 1.0]]
    low, high = min(end[0] for end in known), max(end[1] for end in known)
    if high <= low:
        low, high = (
            float(cells.edges[0]) if cells.edges.size else 0.0,
            float(cells.edges[-1]) if cells.edges.size else 1.0,
        )
    return np.linspace(low, high if high > low else low + 1.0, _BARS + 1)


def histogram(cells: Cells, before: Floats, now: Floats) -> Markup:
    """Two histograms of numbers on one scale: reference filled, now as a line."""
    grid = grid_of(cells, before, now)
    first, second = spread(cells, before, grid), spread(cells, now, grid)
    top = max(float(first.max()), float(second.max()), 1e-12)
    step, floor = _WIDTH / _BARS, _HEIGHT - 16
    bars, points = [], []
    for place, (was, are) in enumerate(zip(first, second, strict=True)):
        height = was / top * (floor - 4)
        bars.append(
            f'<rect class="{_BEFORE}" x="{place * step:.1f}" y="{floor - height:.1f}" width="{step - 1:.1f}" '
            f'height="{height:.1f}"><title>{number(float(grid[place]))} to {number(float(grid[place + 1]))}: reference '
            f"{share(float(was))}, now {share(float(are))}</title></rect>"
        )
        level = floor - are / top * (floor - 4)
        points += [f"{place * step:.1f},{level:.1f}", f"{(place + 1) * step:.1f},{level:.1f}"]
    ends = (
        f'<text x="0" y="{_HEIGHT - 3}">{number(float(grid[0]))}</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT - 3}" text-anchor="end">{number(float(grid[-1]))}</text>'
    )
    line = f'<polyline class="{_NOW}" points="{" ".join(points)}"/>'
    return _svg(f"Distribution of {cells.name}: reference and now", _HEIGHT, "".join(bars) + line + ends)


def box_plot(cells: Cells, before: Floats, now: Floats) -> Markup:
    """Two boxes on one scale: middle half and median, whiskers from the 5th to the 95th hundredth."""
    boxes = [(name, quantile(cells, side, _QUANTILES)) for name, side in ((_BEFORE, before), (_NOW, now))]
    known = [box for _, box in boxes if box is not None]
    if not known:
        return Markup("")
    low, high = min(box[0] for box in known), max(box[-1] for box in known)
    width = (high - low) or 1.0

    def at(value: float) -> float:
        return 62 + (value - low) / width * (_WIDTH - 72)

    drawn = []
    for line, (name, box) in enumerate(boxes):
        y = 8 + line * 26
        drawn.append(f'<text x="0" y="{y + 13}">{"reference" if name == _BEFORE else "now"}</text>')
        if box is None:
            drawn.append(f'<text x="62" y="{y + 13}">no value</text>')
            continue
        least, first, middle, third, most = (at(value) for value in box)
        told = ", ".join(f"{int(part * 100)}%: {number(value)}" for part, value in zip(_QUANTILES, box, strict=True))
        drawn.append(
            f'<g class="box {name}"><title>{told}</title>'
            f'<line x1="{least:.1f}" x2="{most:.1f}" y1="{y + 9}" y2="{y + 9}"/>'
            f'<rect class="{name}" x="{first:.1f}" y="{y}" width="{max(third - first, 1.5):.1f}" height="18"/>'
            f'<line class="middle" x1="{middle:.1f}" x2="{middle:.1f}" y1="{y}" y2="{y + 18}"/></g>'
        )
    return _svg(f"Box plots of {cells.name}: reference and now", 62, "".join(drawn))


def category_bars(cells: Cells, before: Floats, now: Floats) -> Markup:
    """A pair of bars for each of the commonest values, the missing and those that the model never learnt from."""
    names = ["missing", *cells.categories, "never learnt from"]
    first, second = (side / max(float(side.sum()), 1e-300) for side in (before, now))
    order = np.argsort(-(first + second), kind="stable")
    shown = [place for place in order.tolist() if first[place] + second[place] > 0][:_MOST_CATEGORIES]
    line, left = 26, 150
    drawn = []
    for place, cell in enumerate(shown):
        y, label = place * line, names[cell]
        short = label if len(label) <= _LABEL_LETTERS else label[: _LABEL_LETTERS - 1] + "…"
        drawn.append(f'<text x="0" y="{y + 15}">{escape(short)}</text>')
        for offset, name, part in ((2, _BEFORE, first[cell]), (12, _NOW, second[cell])):
            width = part * (_WIDTH - left - 50)
            drawn.append(
                f'<rect class="{name}" x="{left}" y="{y + offset}" width="{max(width, 0.6):.1f}" height="9"/>'
                f'<text x="{left + width + 5:.1f}" y="{y + offset + 8}">{share(float(part))}</text>'
            )
    return _svg(f"Shares of {cells.name}: reference and now", line * max(len(shown), 1), "".join(drawn))


def _svg(label: str, height: int, body: str) -> Markup:
    return Markup(  # noqa: S704  # labels are escaped where they are put in
        f'<svg class="drift" role="img" aria-label="{escape(label)}" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}">{body}</svg>'
    )
