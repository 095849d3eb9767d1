"""Panels and dashboards of Grafana, by the types of its own SDK.

What is here: `Panel` and `Dashboard`, what each must say, and how they become Grafana's; `read`, a selector that obeys
the variables of a dashboard.
What to add here: another way to draw, or a variable that every dashboard has.
What must not be here: a dashboard.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from grafana_foundation_sdk.builders import bargauge, common, dashboard, heatmap, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as shapes
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from credit_platform.monitoring.metric_catalogue import OF_EXPORTER
from credit_platform.monitoring.metrics.metric import Metric
from credit_platform.monitoring.metrics.pipeline import OPEN_FOR_BUSINESS
from scripts.monitoring.outside import OUTSIDE
from scripts.monitoring.rules import tidy

Kind = Literal["lines", "stacked", "stat", "bars", "table", "heatmap"]
Steps = tuple[tuple[float | None, str], ...]

SOURCE: Final = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
TAG: Final = "credit-platform"
_OF_SERVICE: Final = "portfolio"
_FLAT: Final = {"percentunit": 0.01, "short": 1.0, "reqps": 1.0, "cps": 1.0, "s": 0.001, "Bps": 1000.0}
"""Up to where an axis from 0 reaches at least, by unit; else a line at 0 is drawn on one up to 100, or 10,000 %."""
_NEUTRAL: Final[Steps] = ((None, "blue"),)
"""Where no bound is given; Grafana's own would turn red at 80, whatever it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """One expression and the name of its series."""

    expression: str
    legend: str = "{{portfolio}}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """One panel; it says what it shows, in which unit."""

    title: str
    description: str
    unit: str
    """Grafana's name: `s`, `percentunit`, `reqps`, `short`, `bytes`, `dateTimeFromNow`, `bool_on_off`."""
    queries: tuple[Query, ...]
    kind: Kind = "lines"
    width: int = 8
    height: int = 7
    steps: Steps = ()
    """Colours from a value on, the first from `None`."""
    least: float | None = None
    most: float | None = None
    decimals: int | None = None
    reach: float | None = None
    """Up to where an axis from 0 reaches at least, where not as usual for the unit."""
    texts: tuple[tuple[str, str, str], ...] = ()
    """Values that are words: value, text, colour."""
    hidden: tuple[str, ...] = ()
    """Columns of a table that say nothing."""
    whole_range: bool = False
    """Whether a stat asks for the whole range, to draw a line behind its number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dashboard:
    """A page; `sections` are its rows of panels."""

    uid: str
    title: str
    description: str
    sections: tuple[tuple[str, tuple[Panel, ...]], ...]
    since: str = "now-6h"
    job: str = "credit-platform-.+"
    """Which jobs the variable `job` offers."""
    portfolios_of: str = OPEN_FOR_BUSINESS.name
    """Series that knows the portfolios."""


def read(metric: Metric, *matchers: str, part: str = "") -> str:
    """Selector of a metric of ours, of the jobs and portfolios that were chosen."""
    name = f"{metric.name}_{part}" if part else metric.name
    by_target = metric.name not in _without_portfolio()
    return _selector(name, 'job=~"$job"', *(('portfolio=~"$portfolio"',) if by_target else ()), *matchers)


def read_other(name: str, *matchers: str) -> str:
    """Selector of a metric of others, of the jobs that were chosen.

    Raises:
        KeyError: the list of others' metrics does not have it.
    """
    if name not in OUTSIDE:
        raise KeyError(name)
    return _selector(name, 'job=~"$job"', *matchers)


def defined(expression: str) -> str:
    """A ratio or a quantile where there is one: without traffic it is no number, which no panel can draw."""
    return f"(\n{tidy(expression)}\n) >= 0"


def recorded(name: str, *matchers: str) -> str:
    """Selector of a recorded series of the portfolios that were chosen; they have no job."""
    return _selector(name, 'portfolio=~"$portfolio"', *matchers)


def _selector(name: str, *matchers: str) -> str:
    return f"{name}{{{','.join(matchers)}}}"


def _without_portfolio() -> frozenset[str]:
    return frozenset(metric.name for metric in OF_EXPORTER if _OF_SERVICE not in metric.label_names)


def as_json(page: Dashboard) -> str:
    """The dashboard as Grafana's provisioning reads it."""
    built = _build(page).build()
    return json.dumps(built, cls=JSONEncoder, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def _build(page: Dashboard) -> dashboard.Dashboard:
    made = (
        dashboard.Dashboard(page.title)
        .uid(page.uid)
        .description(page.description)
        .tags([TAG])
        .readonly()
        .time(page.since, "now")
        .timezone("browser")
        .refresh("30s")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .link(_siblings())
    )
    for variable in _variables(page):
        made = made.with_variable(variable)
    number = 0
    for title, panels in page.sections:
        number += 1
        made = made.with_row(dashboard.Row(title).id(number))
        for panel in panels:
            number += 1
            made = made.with_panel(_panel(panel, number))
    return made


def _siblings() -> dashboard.DashboardLink:
    link = dashboard.DashboardLink("Dashboards").type(models.DashboardLinkType.DASHBOARDS)
    return link.tags([TAG]).as_dropdown(as_dropdown=True).include_vars(include_vars=True).keep_time(keep_time=True)


def _variables(page: Dashboard) -> tuple[dashboard.DatasourceVariable | dashboard.QueryVariable, ...]:
    source = dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus")
    return (
        source,
        _choice("job", "Job", "label_values(up, job)", ".+").regex(f"/^({page.job})$/"),
        # An empty label is that of what belongs to no portfolio.
        _choice("portfolio", "Portfolio", f"label_values({page.portfolios_of}, portfolio)", ".*"),
    )


def _choice(name: str, label: str, query: str, every: str) -> dashboard.QueryVariable:
    variable = dashboard.QueryVariable(name).label(label).query(query).datasource(SOURCE).multi(multi=True)
    everything = models.VariableOption(text="All", value="$__all")
    return (
        variable.include_all(include_all=True)
        .all_value(every)
        .current(everything)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
    )


def _panel(panel: Panel, number: int) -> Any:  # the SDK has no common type of what panels can do
    made: Any = _drawn(panel)
    made = made.id(number).title(panel.title).description(panel.description).unit(panel.unit).datasource(SOURCE)
    made = made.span(panel.width).height(panel.height)
    for letter, query in zip("ABCDEFGH", panel.queries, strict=False):
        made = made.with_target(_target(panel, query, letter))
    made = made if panel.least is None else made.min(panel.least)
    made = made if panel.most is None else made.max(panel.most)
    if panel.kind in {"lines", "stacked"} and panel.most is None and panel.unit in _FLAT:
        made = made.axis_soft_max(_FLAT[panel.unit] if panel.reach is None else panel.reach)
    made = made if panel.decimals is None else made.decimals(panel.decimals)
    steps = [models.Threshold(value=value, color=colour) for value, colour in panel.steps or _NEUTRAL]
    made = made.thresholds(dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps))
    if panel.texts:
        words = {value: models.ValueMappingResult(text=text, color=colour) for value, text, colour in panel.texts}
        made = made.mappings([models.ValueMap(options=words)])
    return made


def _target(panel: Panel, query: Query, letter: str) -> prometheus.Dataquery:
    target = prometheus.Dataquery().expr(tidy(query.expression)).ref_id(letter).legend_format(query.legend)
    target = target.datasource(SOURCE)
    if panel.kind == "table":
        return target.instant().format(PromQueryFormat.TABLE)
    if panel.kind == "heatmap":
        return target.range().format(PromQueryFormat.HEATMAP)
    now = panel.kind == "bars" or (panel.kind == "stat" and not panel.whole_range)
    return target.instant() if now else target.range()


def _drawn(panel: Panel) -> Any:  # as above
    if panel.kind in {"lines", "stacked"}:
        return _lines(stacked=panel.kind == "stacked", many=len(panel.queries) > 1)
    if panel.kind == "stat":
        colour = shapes.BigValueColorMode.VALUE
        last = common.ReduceDataOptions().calcs(["lastNotNull"])
        drawn = stat.Panel().color_mode(colour).reduce_options(last).text_mode(shapes.BigValueTextMode.AUTO)
        graph = shapes.BigValueGraphMode.AREA if panel.whole_range else shapes.BigValueGraphMode.NONE
        return drawn.graph_mode(graph)
    if panel.kind == "bars":
        last = common.ReduceDataOptions().calcs(["lastNotNull"])
        drawn_bars = bargauge.Panel().reduce_options(last).orientation(shapes.VizOrientation.HORIZONTAL)
        return drawn_bars.display_mode(shapes.BarGaugeDisplayMode.BASIC)
    if panel.kind == "heatmap":
        return heatmap.Panel()
    return _table(panel.hidden)


def _lines(*, stacked: bool, many: bool) -> timeseries.Panel:
    legend = common.VizLegendOptions().show_legend(show_legend=True).placement(shapes.LegendPlacement.BOTTOM)
    shown = legend.display_mode(shapes.LegendDisplayMode.LIST).calcs(["lastNotNull"] if many else [])
    tooltip = common.VizTooltipOptions().mode(shapes.TooltipDisplayMode.MULTI).sort(shapes.SortOrder.DESCENDING)
    drawn = timeseries.Panel().legend(shown).tooltip(tooltip).line_width(1).fill_opacity(10)
    drawn = drawn.show_points(shapes.VisibilityMode.AUTO)
    if stacked:
        drawn = drawn.fill_opacity(40).stacking(common.StackingConfig().mode(shapes.StackingMode.NORMAL))
    return drawn


def _table(hidden: Sequence[str]) -> table.Panel:
    """Labels of the series as columns, without time and what `hidden` names; one value a row, or one per query."""
    away = dict.fromkeys(("Time", *hidden), True)
    merged = models.DataTransformerConfig(id_val="merge", options={})
    tidied = models.DataTransformerConfig(id_val="organize", options={"excludeByName": away})
    return table.Panel().with_transformation(merged).with_transformation(tidied)
