"""Build the documentation site in `site/`: the pages of the repository, and a reference made of docstrings.

Usage: `make docs`, or `python -m scripts.docs_site [FOLDER]`. The site is searched in the browser and loads nothing
from elsewhere; a warning is an error. Links that leave the pages (to a module, a folder) lead to a copy of the file, or
become plain words.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
PAGES: Final = (
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/**/*.md"),
    *("credit_platform/portfolios/*/README.md", "helm/*/README.md", "k8s/README.md", "delivery/**/*.md"),
)
SLUGS: Final = "slugs of GitHub"
# In YAML, which the rest of the configuration is as well.
SLUGIFY: Final = '!!python/object/apply:pymdownx.slugs.slugify {"kwds": {"case": "lower"}}'
LINK: Final = re.compile(r"(?P<mark>!?)\[(?P<words>[^\]]*)\]\((?P<target>[^)\s]+)\)")
FENCE: Final = re.compile(r"^ *```", re.MULTILINE)
MARKS: Final = re.compile(r"\A(\w*)[^\n]*")
"""After the language of a block: whether a test runs it, which Python-Markdown does not take."""
ELSEWHERE: Final = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*(?:src|href)=["'](?:https?:)?//""")


def stage(folder: Path) -> None:
    """Lay the pages out in `folder` as they lie in the repository, with the files that they link to."""
    pages = sorted({page for pattern in PAGES for page in ROOT.glob(pattern)})
    for page in pages:
        target = folder / page.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_linked(page, folder), encoding="utf-8")
    for room in rooms():
        target = folder / "reference" / f"{room}.md"
        target.parent.mkdir(parents=True, exist_ok=True)
        modules = "".join(f"\n## {name.rpartition('.')[2]}\n\n::: {name}\n" for name in _modules(room))
        target.write_text(f"# {room}\n\n::: {room}\n{modules}", encoding="utf-8")


def rooms() -> list[str]:
    """Every package that has something to refer to, by its dotted name."""
    found = [path.parent for root in ("credit_platform", "bento") for path in (ROOT / root).rglob("__init__.py")]
    return sorted(".".join(path.relative_to(ROOT).parts) for path in found)


def _modules(room: str) -> list[str]:
    """Modules right in a package; those with a leading underscore are its own affair."""
    folder = ROOT.joinpath(*room.split("."))
    return [f"{room}.{path.stem}" for path in sorted(folder.glob("[!_]*.py"))]


def _linked(page: Path, folder: Path) -> str:
    """A page whose links lead to something in `folder`; what stands in blocks of code is left alone."""
    parts = FENCE.split(page.read_text(encoding="utf-8"))
    return "```".join(
        MARKS.sub(r"\1", text, count=1) if number % 2 else LINK.sub(lambda found: _followed(found, page, folder), text)
        for number, text in enumerate(parts)
    )


def _followed(found: re.Match[str], page: Path, folder: Path) -> str:
    target, _, anchor = found["target"].partition("#")
    if not target or "://" in target or target.startswith("mailto:"):
        return found[0]
    meant = (page.parent / target).resolve()
    if meant.is_dir():
        inside = next((name for name in ("README.md", "index.md") if (meant / name).is_file()), None)
        if inside is None or not any(meant.joinpath(inside).match(pattern) for pattern in PAGES):
            return found["words"]
        return f"[{found['words']}]({target.rstrip('/')}/{inside})"
    if meant.suffix != ".md":
        copy = folder / meant.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(meant, copy)
        return f"{found['mark']}[{found['words']}]({target})"
    return found[0] if meant.is_relative_to(ROOT) else f"[{found['words']}]({target}#{anchor})"


def configuration(pages: Path, site: Path) -> dict[str, Any]:
    """What MkDocs is told; YAML reads JSON."""
    handler = {
        "paths": [str(ROOT)],
        "options": {
            "show_submodules": False,
            "show_source": False,
            "show_root_heading": False,
            "members_order": "source",
        },
    }
    return {
        "site_name": "credit_platform",
        "docs_dir": str(pages),
        "site_dir": str(site),
        "use_directory_urls": False,  # it opens from a folder, without a server
        "theme": {"name": "readthedocs", "highlightjs": False, "locale": "en"},
        "plugins": ["search", {"mkdocstrings": {"handlers": {"python": handler}}}],
        "markdown_extensions": ["tables", "fenced_code", {"toc": {"permalink": True, "slugify": SLUGS}}],
        "validation": {
            "omitted_files": "ignore",
            "absolute_links": "warn",
            "unrecognized_links": "warn",
            "anchors": "warn",
        },
    }


def build(site: Path) -> None:
    """Build it.

    Raises:
        SystemExit: MkDocs warned of something, or a page would load something from elsewhere.
    """
    with TemporaryDirectory() as folder:
        pages, config = Path(folder) / "pages", Path(folder) / "mkdocs.json"
        pages.mkdir()
        stage(pages)
        told = json.dumps(configuration(pages, site)).replace(json.dumps(SLUGS), SLUGIFY)
        config.write_text(told, encoding="utf-8")
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(config)]
        done = subprocess.run(command, check=False)  # noqa: S603  # our own command
    if done.returncode:
        sys.exit(done.returncode)
    loading = [str(page) for page in site.rglob("*.html") if ELSEWHERE.search(page.read_text(encoding="utf-8"))]
    if loading:
        sys.exit(f"These pages load something from elsewhere: {', '.join(loading)}")
    print(f"{len(list(site.rglob('*.html')))} pages: {site / 'index.html'}")  # noqa: T201  # a program speaks


if __name__ == "__main__":
    build(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "site").resolve())
