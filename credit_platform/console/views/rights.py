"""What somebody who is refused may ask for, under the reasons.

What is here: one part, drawn from `rights` of an answer, in the answer's own language.
What to add here: a right that answers tell of.
What must not be here: the words of a right: the service says them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from credit_platform.console.texts import Texts


def show_rights(answer: Mapping[str, Any], request_id: str, language: str, texts: Texts) -> None:
    """Draw the rights in `answer`; nothing after an acceptance, or where an older service says none.

    Args:
        answer: fields of an answer of `POST /predict` or `POST /explain`.
        request_id: number of the decision, which the applicant quotes.
        language: of the answer.
        texts: language of the page.
    """
    rights = answer.get("rights")
    if rights is None:
        return
    st.subheader(texts("rights"), anchor=False)
    if rights["contact"]["example"]:
        st.badge(texts("rights_example"), icon=":material/science:", color="violet")
    # As text, not Markdown: an address may hold characters that Markdown takes for its own.
    st.text(texts.printed("\n".join((rights["review"], rights["how"])), language))
    st.text(texts("rights_number", request_id=request_id))
    st.text("\n".join((texts("rights_data"), *(f"– {texts.printed(one, language)}" for one in rights["data_used"]))))
    st.caption(rights["grounds"])
