"""What Streamlit runs: `credit-platform console`.

What is here: language, portfolio, navigation.
What to add here: a page.
What must not be here: what a page draws (`views/`). Addresses of pages hold the name of the page and nothing else.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import streamlit as st

from credit_platform.console.context import Context
from credit_platform.console.garbage import spare_modules
from credit_platform.console.logs import log_streamlit
from credit_platform.console.officer import own_key
from credit_platform.console.settings import ConsoleSettings, console_settings, known_services
from credit_platform.console.texts import LANGUAGES, Language, Texts
from credit_platform.console.views import applicant, decisions, portfolio
from credit_platform.console.views.application_form import new_generation
from credit_platform.console.views.parts import escaped, show_problem
from credit_platform.console.views.sign_in import ask_who, show_who
from credit_platform.errors import ServiceError, SettingError
from credit_platform.portfolios import get_portfolio, portfolio_names
from credit_platform.serving.running_services import ServiceAccess
from credit_platform.serving.service_problems import NoAnswerError
from credit_platform.settings import Settings

_ICON = Path(__file__).with_name("icon.png")
_LOOK = Path(__file__).with_name("look.css")
# Of the choice of a portfolio, in pixels: beside the languages on a screen, below them on a phone. (A docstring would
# be drawn on the page: Streamlit shows what stands alone in the script that it runs.)
_CHOICE_WIDTH = 240


def main() -> None:
    """Draw the console."""
    spare_modules()
    try:
        console, settings = console_settings(), Settings()
    except SettingError as error:
        st.error(str(error))
        return
    st.html(_LOOK)
    # On the page, not in the sidebar, which a phone folds away: whose language and whose portfolio it is must be seen.
    with st.container(horizontal=True, vertical_alignment="center"):
        language = _language(console)
        st.set_page_config(page_title=Texts(language)("title"), page_icon=str(_ICON), layout="wide", menu_items={})
        who = st.container(horizontal=True, vertical_alignment="center", width="content")
    officer = None
    if console.sign_in:
        officer = ask_who(console, settings, Texts(language))
        if officer is None:
            _tell_language(language)
            return
    with who:
        context = open_context(console, settings, language)
        if officer is not None:
            show_who(officer, context.texts)
    texts = context.texts

    def applicant_page() -> None:
        applicant.show(context, decisions_page)

    def portfolio_page() -> None:
        portfolio.show(context)

    def decisions_page_() -> None:
        decisions.show(context)

    def monitoring_page() -> None:
        from credit_platform.console.views import monitoring  # noqa: PLC0415  # brings scipy and pandera, seconds

        monitoring.show(context, every=console.refresh_seconds)

    decisions_page = st.Page(
        decisions_page_, title=texts("page_decisions"), icon=":material/list_alt:", url_path="decisions"
    )
    st.navigation(
        [
            st.Page(
                applicant_page,
                title=texts("page_applicant"),
                icon=":material/person:",
                url_path="applicant",
                default=True,
            ),
            st.Page(portfolio_page, title=texts("page_portfolio"), icon=":material/bar_chart:", url_path="portfolio"),
            decisions_page,
            st.Page(
                monitoring_page, title=texts("page_monitoring"), icon=":material/monitoring:", url_path="monitoring"
            ),
        ]
    ).run()
    _tell_language(language)


def _language(console: ConsoleSettings) -> Language:
    """The language of the visit: chosen in the sidebar, else that of the settings or of the browser."""
    state = st.session_state
    if "language" not in state:
        browser: Language = "fr" if str(st.context.locale or "").lower().startswith("fr") else "en"
        state["language"] = console.language or browser
    if "language_choice" not in state:  # Streamlit forgets widgets when the page changes
        state["language_choice"] = state["language"]
    chosen: Language = st.radio(
        "Langue · Language",
        list(LANGUAGES),
        format_func=lambda one: LANGUAGES[one],
        horizontal=True,
        key="language_choice",
        label_visibility="collapsed",
        on_change=new_generation,
    )
    state["language"] = chosen
    return chosen


def open_context(console: ConsoleSettings, settings: Settings, language: Language) -> Context:
    """Find services, let the user choose a portfolio where there are several, and put together what pages need."""
    services: dict[str, ServiceAccess] = {}
    try:
        services = {service.portfolio: service for service in known_services(console, settings, own_key())}
    except NoAnswerError as problem:
        show_problem(problem, Texts(language))
    except ServiceError as error:
        st.error(str(error))
    names = list(services) or list(portfolio_names())
    name = names[0]
    if len(names) > 1:
        chosen = st.session_state.get("portfolio")
        name = st.selectbox(
            Texts(language)("portfolio"),
            names,
            index=names.index(chosen) if chosen in names else 0,
            format_func=lambda one: get_portfolio(one).title,
            width=_CHOICE_WIDTH,
        )
        st.session_state["portfolio"] = name
    portfolio_ = get_portfolio(name)
    texts = Texts(language, name, portfolio_.monitoring.zone)
    if len(names) == 1:
        st.markdown(texts("named_value", name=texts("portfolio"), value=escaped(portfolio_.title)), width="content")
    return Context(settings, texts, portfolio_, services.get(name))


def _tell_language(language: Language) -> None:
    """Say to browser and screen reader in which language the page is; Streamlit says English whatever is shown."""
    script = f"<script>document.documentElement.lang = {json.dumps(language)}</script>"
    st.html(f"<span hidden>{language}</span>{script}", unsafe_allow_javascript=True)


if __name__ == "__main__":
    if sys.argv[0] == __file__:  # as `streamlit run` has it
        log_streamlit(Settings().home)
    main()
