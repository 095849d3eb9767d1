"""What the guard itself says: the page to log in with, in French and English, and sentences for programs.

What is here: `login_page`, `SECURITY_HEADERS`. What must not be here: who gets in (`access.py`).
"""

from __future__ import annotations

from html import escape
from typing import Final

LOGIN_PATH: Final = "/-/login"
SECURITY_HEADERS: Final = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
"""On every answer, also of the programs behind."""
OWN_HEADERS: Final = {
    **SECURITY_HEADERS,
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Frame-Options": "DENY",
}
"""On what the guard says itself."""

_WORDS: Final = {
    "fr": {
        "title": "Se connecter",
        "what": "Cette page demande le jeton de la plateforme. Il ouvre Dagster, MLflow et la console.",
        "where": "<code>credit-platform up</code> affiche des adresses qui le contiennent ; "
        "<code>credit-platform keys pages</code> les affiche de nouveau.",
        "label": "Jeton",
        "button": "Ouvrir",
        "wrong": "Ce n’est pas le jeton de cette plateforme.",
        "often": "Trop d’essais. Attendez quelques secondes.",
    },
    "en": {
        "title": "Log in",
        "what": "This page asks for the token of the platform. It opens Dagster, MLflow and the console.",
        "where": "<code>credit-platform up</code> prints addresses that hold it; "
        "<code>credit-platform keys pages</code> prints them again.",
        "label": "Token",
        "button": "Open",
        "wrong": "This is not the token of this platform.",
        "often": "Too many tries. Wait a few seconds.",
    },
}
_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;background:#f3f5f8;color:#20262e;margin:0;padding:1.5rem}
main{max-width:26rem;margin:6vh auto;background:#fff;border:1px solid #d5dbe3;border-radius:8px;padding:1.5rem}
h1{font-size:1.3rem;margin:0 0 .5rem}section+section{border-top:1px solid #d5dbe3;margin-top:1.2rem;padding-top:1.2rem}
label{display:block;font-weight:600}
input{box-sizing:border-box;width:100%;font:inherit;padding:.5rem;margin:.25rem 0 1rem;
border:1px solid #77828f;border-radius:4px}button{font:inherit;background:#2b6ca3;color:#fff;border:0;border-radius:4px;
padding:.55rem 1.2rem}button:focus,input:focus{outline:3px solid #9cc3e6}p[role=alert]{color:#a4262c;font-weight:600}
code{overflow-wrap:anywhere;background:#f3f5f8;padding:0 .2em}"""


def login_page(languages: str, next_path: str, problem: str | None = None) -> str:
    """The page, in the language that a browser prefers (`Accept-Language`) and then in the other.

    Args:
        languages: the header.
        next_path: where to go after the login, a path of this server.
        problem: `wrong` or `often`, or None.
    """
    first = "fr" if languages.strip().lower().startswith("fr") else "en"
    second = "en" if first == "fr" else "fr"
    words, other = _WORDS[first], _WORDS[second]
    alert = f'<p role="alert">{words[problem]} <span lang="{second}">{other[problem]}</span></p>' if problem else ""
    return f"""<!DOCTYPE html>
<html lang="{first}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{words["title"]} – credit_platform</title><style>{_STYLE}</style></head><body><main>
<section><h1>{words["title"]}</h1>{alert}<p>{words["what"]}</p><p>{words["where"]}</p>
<form method="post" action="{LOGIN_PATH}"><input type="hidden" name="next" value="{escape(next_path)}">
<label for="token">{words["label"]} / <span lang="{second}">{other["label"]}</span></label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>{words["button"]} / <span lang="{second}">{other["button"]}</span></button></form></section>
<section lang="{second}"><p>{other["what"]}</p><p>{other["where"]}</p></section></main></body></html>
"""
