"""The checker of the docs' links finds what is broken and nothing else; our own docs pass it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.check_docs_links import check, main, slug

ROOT = Path(__file__).parents[2]


def write(root: Path, name: str, text: str) -> None:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_our_own_docs_have_no_broken_link() -> None:
    assert check(ROOT) == []


@pytest.mark.parametrize(
    "text",
    [
        "[index](docs/index.md)",
        "[index](docs/index.md#first-steps)",
        "[folder](docs)",
        "[with a title](docs/index.md 'The docs')",
        "[here](#top)\n\n# Top",
        "[by reference][index]\n\n[index]: docs/index.md",
        "![picture](docs/a%20picture.png)",
        '<img src="docs/a%20picture.png" width="10">',
        '<a href="docs/index.md#marked">x</a>',
        "[the second of two](#twice-1)\n\n# Twice\n\n# Twice",
        "[web](https://example.org/missing) [mail](mailto:a@example.org) <https://example.org>",
        "`[not a link](missing.md)`",
        "```\n[not a link](missing.md)\n```",
        "`list[str][0]`",
    ],
)
def test_good_links_pass(tmp_path: Path, text: str) -> None:
    write(tmp_path, "docs/index.md", '# First steps\n\n<a id="marked"></a>\n')
    write(tmp_path, "docs/a picture.png", "")
    write(tmp_path, "README.md", text)
    assert check(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("first\n\n[x](missing.md)", "README.md:3: missing.md - no such file"),
        ("![x](missing.png)", "README.md:1: missing.png - no such file"),
        ('<img src="missing.png">', "README.md:1: missing.png - no such file"),
        ("[x](docs/index.md#nowhere)", "README.md:1: docs/index.md#nowhere - no such heading in index.md"),
        ("[x](#nowhere)", "README.md:1: #nowhere - no such heading in README.md"),
        ("[x](../outside.md)", "README.md:1: ../outside.md - leads out of the repository"),
        ("[x](/docs/index.md)", "README.md:1: /docs/index.md - an absolute path works on one machine only"),
        ("[text][label]", "README.md:1: [text][label] - this reference is defined nowhere"),
        ("| a |\n|---|\n| [x](missing.md) |", "README.md:3: missing.md - no such file"),
    ],
)
def test_broken_links_are_named_with_file_and_line(tmp_path: Path, text: str, complaint: str) -> None:
    write(tmp_path, "docs/index.md", "# First steps\n")
    write(tmp_path, "README.md", text)
    assert check(tmp_path) == [complaint]


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("First steps", "first-steps"),
        ("What is `make up`?", "what-is-make-up"),
        ("Prêt à dépenser", "prêt-à-dépenser"),
        ("a_b - c", "a_b---c"),
    ],
)
def test_slugs_are_those_of_github(heading: str, anchor: str) -> None:
    assert slug(heading) == anchor


def test_code_in_a_heading_is_part_of_its_anchor(tmp_path: Path) -> None:
    write(tmp_path, "README.md", "# The `make up` target\n\n[x](#the-make-up-target)")
    assert check(tmp_path) == []


def test_the_index_of_the_decision_records_is_complete() -> None:
    folder = ROOT / "docs" / "adr"
    table = re.search(r"(?:^\|.*\|\n)+", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert table is not None
    assert re.findall(r"\((\d{4}-[\w-]+\.md)\)", table.group()) == sorted(
        path.name for path in folder.glob("[0-9]*.md")
    )


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert pages == set(re.findall(r"\]\((\w+\.md)\)", index))


def test_main_says_the_result_and_fails_on_a_broken_link(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "README.md", "fine")
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == "Docs links: all good.\n"
    write(tmp_path, "docs/more.md", "[x](missing.md)")
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().out == "docs/more.md:1: missing.md - no such file\nDocs links: 1 broken.\n"
