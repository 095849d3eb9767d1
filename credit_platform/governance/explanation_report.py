"""`shap_report.html`: the pictures and tables of an explanation in one file that opens anywhere.

What is here: rendering.
What to add here: a figure that a reader of explanations asks for; the page is `templates/shap_report.html.j2`.
What must not be here: computing (`explanations.py`), drawing (`explanation_plots.py`).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

import jinja2

from credit_platform import presented
from credit_platform.governance.explanations import TOP, ModelExplanation
from credit_platform.governance.heads import owner, software
from credit_platform.portfolios.portfolio import Portfolio


def render_shap_report(portfolio: Portfolio, explained: ModelExplanation, pictures: Mapping[str, bytes]) -> str:
    """The page, with the pictures (file name to PNG) inside."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("credit_platform.governance"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    for style in (presented.percent, presented.decimal, presented.tiny, presented.plain, presented.feature):
        environment.filters[style.__name__] = style
    return environment.get_template("shap_report.html.j2").render(
        portfolio=portfolio,
        software=software(),
        owner=owner(portfolio).parts[0],
        explained=explained,
        top=explained.features.head(TOP).to_dicts(),
        families=explained.families.to_dicts(),
        pictures={name: base64.b64encode(png).decode() for name, png in pictures.items()},
    )
