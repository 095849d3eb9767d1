"""A page that is not there, loads from elsewhere or does not say what it is about is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit_platform.quality.pages import page_written


@pytest.mark.parametrize(
    ("html", "passes"),
    [
        ("<p>abc123</p><a href='https://example.org'>source</a><img src='data:image/png;base64,AA'>", True),
        ("<p>abc123</p><img alt='x' src='chart.png'>", False),
        ("<p>abc123</p><script src=//cdn.example.org/x.js></script>", False),
        ("<p>abc123</p><link rel='stylesheet' href='style.css'>", False),
        ("<style>@import 'x.css'</style><p>abc123</p>", False),
        ("<style>p { background: url(https://example.org/x.png) }</style><p>abc123</p>", False),
        ("<p>another one</p>", False),
    ],
)
def test_a_page_can_be_kept_and_says_what_it_is_about(html: str, passes: bool, tmp_path: Path) -> None:
    page = tmp_path / "une page é.html"
    page.write_text(html, encoding="utf-8")
    assert page_written([page], ["abc123"]).passed is passes


def test_a_page_that_nobody_wrote_is_refused(tmp_path: Path) -> None:
    assert "is not there" in page_written([tmp_path / "page.html"], []).message
    assert "no file is recorded" in page_written([], ["abc123"]).message
    assert page_written([], []).refuses


def test_names_are_looked_for_in_the_first_file_only(tmp_path: Path) -> None:
    for name, text in (("a.html", "abc123"), ("b.md", "![](chart.png)")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert page_written([tmp_path / "a.html", tmp_path / "b.md"], ["abc123"]).passed
