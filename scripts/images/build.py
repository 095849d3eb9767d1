"""Build our images: `python -m scripts.images.build [NAME…]`; `make images` builds all but those that are named alone.

`--names` prints what they are called.
`IMAGE_TAG` (`dev`) and `IMAGE_PREFIX` (`credit-platform`) name them; `IMAGE_BASE` is what they stand on, as name@digest
in a release; `BUILD_ARGS` are more arguments of `docker build`. Exits with 2 where no engine answers.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from typing import Final

from scripts.images.engine import NO_ENGINE, ROOT, answers, docker

IMAGES: Final = ("dagster", "platform", "service", "mlflow", "console")
"""What is built when nobody names any; `docker/<name>.Dockerfile`, each."""
ON_PLATFORM: Final = ("spark", "notebook")
"""What is built when it is named, on the image `platform` of the same tag, which has to be there."""
_VERSION: Final = re.compile(r'^version = "(.+)"$', re.MULTILINE)


def main(names: list[str]) -> int:
    """Build, one after the other, or print what they are called; exit status for the shell."""
    if names == ["--names"]:
        sys.stdout.writelines(f"{reference(name)}\n" for name in IMAGES)
        return 0
    unknown = sorted(set(names) - {*IMAGES, *ON_PLATFORM})
    if unknown:
        sys.stderr.write(f"There is no image {unknown[0]}: there are {', '.join((*IMAGES, *ON_PLATFORM))}.\n")
        return 1
    if answers() != 0:
        return NO_ENGINE
    for name in names or IMAGES:
        if docker(*build_arguments(name), check=False, shown=True).returncode != 0:
            sys.stderr.write(f"The image {name} could not be built: docker said why above.\n")
            return 1
        sys.stdout.write(f"built {reference(name)}\n")
    return 0


def reference(name: str) -> str:
    """What an image of ours is called in the engine."""
    return f"{os.environ.get('IMAGE_PREFIX') or 'credit-platform'}/{name}:{os.environ.get('IMAGE_TAG') or 'dev'}"


def build_arguments(name: str, *, tag: str | None = None) -> list[str]:
    """Arguments of `docker` that build an image from the checkout, the last of which is the checkout.

    Args:
        name: of the recipe.
        tag: what the image is to be called; by default its `reference`.
    """
    (version,) = _VERSION.findall((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    labels = {"VERSION": version, "REVISION": _git("rev-parse", "HEAD") or "unknown"}
    labels |= {"CREATED": _git("show", "--no-patch", "--format=%cI") or "1980-01-01T00:00:00Z"}
    base = os.environ.get("IMAGE_BASE")
    given = labels | ({"BASE": base} if base else {})
    given |= {"PLATFORM": reference("platform")} if name in ON_PLATFORM else {}
    return [
        *("build", "--file", f"docker/{name}.Dockerfile", "--tag", tag or reference(name)),
        *(part for key, value in given.items() for part in ("--build-arg", f"{key}={value}")),
        *shlex.split(os.environ.get("BUILD_ARGS", "")),
        ".",
    ]


def _git(*arguments: str) -> str:
    """What git says of the commit; nothing where the sources are no checkout."""
    done = subprocess.run(  # noqa: S603  # git, with arguments made here
        ["git", *arguments],  # noqa: S607  # whichever git is installed
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip() if done.returncode == 0 else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
