"""The project's own machinery: lock files, make targets, finding a Python, pip's configuration for uv, house rules."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.check_house_rules import check, main
from scripts.uv_like_pip import pip_options, uv_environment, uv_variables

ROOT = Path(__file__).parents[2]
INTRODUCTION = '"""A.\n\nWhat is here: {}.\nWhat to add here: b.\nWhat must not be here: c.\n"""\n'
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins(lock: Path) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+==[^ ;\\]+)", lock.read_text(encoding="utf-8"), re.MULTILINE))


def names(requirements: list[str]) -> set[str]:
    found = (re.match(r"[A-Za-z0-9._-]+", requirement) for requirement in requirements)
    return {match.group().lower().replace("_", "-").replace(".", "-") for match in found if match}


# --- locks ---------------------------------------------------------------------------------------------------------


def test_there_is_a_lock_per_audience() -> None:
    assert [lock.stem for lock in LOCKS] == [
        "bootstrap",
        "chart",
        "console",
        "dagster",
        "dev",
        "docs",
        "helm",
        "mlflow",
        "notebook",
        "platform",
        "scan",
        "serving",
        "spark",
        "workflows",
    ]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_requirement_of_a_lock_has_a_hash(lock: Path) -> None:
    requirements = re.split(r"^(?=[a-z0-9])", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert requirements
    assert [requirement for requirement in requirements if "--hash=sha256:" not in requirement] == []


@pytest.mark.parametrize("lock", ["console", "mlflow", "platform", "serving"])
def test_the_environments_agree_on_versions(lock: str) -> None:
    assert pins(ROOT / "requirements" / f"{lock}.txt") <= pins(ROOT / "requirements" / "dev.txt")


@pytest.mark.parametrize(
    ("lock", "extras"),
    [("serving", ["serving"]), ("platform", ["serving", "platform", "console"]), ("dev", ["platform", "spark", "dev"])],
)
def test_a_lock_holds_what_pyproject_asks_for(lock: str, extras: list[str], pyproject: dict[str, Any]) -> None:
    project = pyproject["project"]
    wanted = names(project["dependencies"] + [r for extra in extras for r in project["optional-dependencies"][extra]])
    assert wanted - names(list(pins(ROOT / "requirements" / f"{lock}.txt"))) == {"credit-platform"} & wanted


def test_the_serving_environment_is_slim() -> None:
    locked = names(list(pins(ROOT / "requirements" / "serving.txt")))
    assert locked & {"dagster", "mlflow", "pandas", "scikit-learn", "pyspark", "streamlit"} == set()


# --- make ----------------------------------------------------------------------------------------------------------


def make(*arguments: str) -> str:
    command = ["make", "-C", str(ROOT), "--no-print-directory", *arguments]
    # Under `make test` these would carry the flags of the outer make into this one.
    environment = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MFLAGS", "MAKELEVEL"}
    }
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def test_make_alone_lists_every_target_that_a_person_may_call() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    assert re.findall(r"^  make ([a-z-]+) +\S", make(), re.MULTILINE) == sorted(
        phony.group(1).split(), key=lambda target: makefile.index(f"\n{target}: ")
    )


def test_ci_runs_the_make_targets_and_nothing_else() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    runs = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert runs
    assert all(run.startswith("make ") for run in runs), runs


def test_the_workspace_and_dg_load_the_same_module(pyproject: dict[str, Any]) -> None:
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text(encoding="utf-8"))
    module = workspace["load_from"][0]["python_module"]["module_name"]
    assert module == pyproject["tool"]["dg"]["project"]["code_location_target_module"] == "credit_platform.definitions"


# --- finding a Python ----------------------------------------------------------------------------------------------


def fake_python(folder: Path, name: str, *, version: tuple[int, int] | None, complete: bool = True) -> None:
    """Put a program on PATH that answers the questions of find_python.sh as that Python would."""
    folder.mkdir(exist_ok=True)
    fits = version is not None and (3, 11) <= version < (3, 14)
    text = "3.0" if version is None else f"{version[0]}.{version[1]}"
    (folder / name).write_text(
        "#!/bin/sh\n"
        'case "$2" in\n'
        f"*sys.exit*) exit {int(not fits)} ;;\n"
        f"*ensurepip*) exit {int(not complete)} ;;\n"
        f"*executable*) echo {folder / name} ;;\n"
        f"*version_info*) echo {text} ;;\n"
        "esac\n"
    )
    (folder / name).chmod(0o755)


def find_python(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", str(ROOT / "scripts" / "find_python.sh"), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env={"PATH": str(path)})


def test_the_newest_fitting_python_is_taken(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3", version=(3, 11))
    fake_python(tmp_path, "python3.12", version=(3, 12))
    assert find_python(tmp_path).stdout.strip() == str(tmp_path / "python3.12")


def test_names_that_do_not_run_or_do_not_fit_are_passed_over(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.13", version=None)  # a pyenv shim of a version that is not active
    fake_python(tmp_path, "python3", version=(3, 14))
    fake_python(tmp_path, "python", version=(3, 11))
    assert find_python(tmp_path).stdout.strip() == str(tmp_path / "python")


def test_a_python_without_ensurepip_is_passed_over_for_a_complete_one(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.13", version=(3, 13), complete=False)
    fake_python(tmp_path, "python3.11", version=(3, 11))
    assert find_python(tmp_path).stdout.strip() == str(tmp_path / "python3.11")


def test_debian_users_are_told_what_to_install(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3", version=(3, 12), complete=False)
    result = find_python(tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert "apt install python3.12-venv" in result.stderr


def test_no_python_is_a_clear_error(tmp_path: Path) -> None:
    result = find_python(tmp_path)
    assert result.returncode == 1
    assert "No Python >= 3.11 and < 3.14 found" in result.stderr
    assert "make install PYTHON=" in result.stderr


def test_the_python_that_was_named_is_the_only_one_tried(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.12", version=(3, 12))
    fake_python(tmp_path, "mine", version=(3, 10))
    assert "tried: mine" in find_python(tmp_path, "mine").stderr
    assert find_python(tmp_path, "").stdout.strip() == str(tmp_path / "python3.12")


# --- uv sees what pip sees -----------------------------------------------------------------------------------------


def test_variables_win_over_the_install_section_and_that_over_global() -> None:
    listing = ":env:.index-url='https://env'\ninstall.index-url='https://install'\nglobal.index-url='https://global'\n"
    assert pip_options(listing) == {"index-url": "https://env"}
    assert pip_options(listing.replace(":env:.index-url", ":env:.timeout")) == {
        "index-url": "https://install",
        "timeout": "https://env",
    }


def test_sections_of_other_commands_are_ignored() -> None:
    assert pip_options("download.index-url='https://x'\n") == {}


def test_pip_options_become_uv_variables() -> None:
    options = {
        "index-url": "https://a",
        "extra-index-url": "\nhttps://b\nhttps://c",
        "find-links": "/x /y",
        "quiet": "1",
    }
    assert uv_variables(options, {}) == {
        "UV_DEFAULT_INDEX": "https://a",
        "UV_INDEX": "https://b https://c",
        "UV_FIND_LINKS": "/x,/y",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
def test_what_the_user_told_uv_stays(name: str) -> None:
    assert uv_variables({"index-url": "https://a"}, {name: "https://mine"}) == {}


def test_without_pip_configuration_uv_is_left_alone() -> None:
    assert uv_variables({}, {}) == {}


def test_uv_installs_into_the_environment_of_this_python_only() -> None:
    environment = uv_environment("", {"VIRTUAL_ENV": "/other", "UV_PYTHON": "3.9", "HOME": "/h"})
    assert environment["VIRTUAL_ENV"] != "/other"
    assert "UV_PYTHON" not in environment
    assert environment["HOME"] == "/h"


# --- house rules ---------------------------------------------------------------------------------------------------


def test_our_own_files_keep_the_house_rules() -> None:
    assert check(ROOT) == []


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("credit_platform/long.py", "x = 1\n" * 401, "long.py:401: 401 lines, more than 400"),
        ("credit_platform/long.py", "x = 1\n" * 321, "long.py:321: 321 lines, more than 320"),
        ("credit_platform/a/__init__.py", '"""A.\n\nWhat is here: b."""', "does not say: What to add here:"),
        ("credit_platform/a/__init__.py", INTRODUCTION.format("`gone.py`"), "names `gone.py`, which is not there"),
        ("bento/a/__init__.py", '"""A.\n\nWhat is here: b."""', "does not say: What to add here:"),
        ("credit_platform/a.py", "# TO" + "DO later", "'TO" + "DO' is unfinished business"),
        ("credit_platform/a.py", "import pic" + "kle", "is unsafe format"),
        ("credit_platform/a.py", "x = 1  # noqa: E501", "silences a tool without a reason"),
        ("credit_platform/a.py", "x = 1  # type: ignore[misc]  # oh", "silences a tool without a reason"),
        ("credit_platform/a.py", "# fmt: off", "silences a tool without a reason"),
        ("bento/a.py", "import polars as pl\npl.scan_csv(path)", "a.py:2: pl.scan_csv takes a path for a pattern"),
        ("scripts/a.py", "import polars as pl\npl.read_parquet(p, glob=False)", "takes a path for a pattern"),
        ("scripts/a.py", "import sqlite3\nsqlite3.connect(f'file:{p}?mode=ro')", "a file's name is no address"),
        ("scripts/a.py", "x = '/ro" + "ot/x'", "is a path of one machine"),
        ("requirements/dev.txt", "--index-url https://example.org/simple", "names a package index"),
        ("requirements/dev.txt", "--extra-index-url https://example.org", "names a package index"),
    ],
)
def test_a_broken_house_rule_is_named(tmp_path: Path, name: str, text: str, complaint: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    file.write_text(text)
    complaints = check(tmp_path)
    assert len(complaints) == 1
    assert complaint in complaints[0]


def test_bytes_in_memory_and_delta_tables_have_no_name_to_expand(tmp_path: Path) -> None:
    (tmp_path / "bento").mkdir()
    (tmp_path / "bento" / "a.py").write_text("pl.read_csv(io.BytesIO(body))\npl.scan_delta(table)\nspark.read.csv(p)\n")
    assert check(tmp_path) == []


def test_what_is_silenced_with_a_reason_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "a.py").write_text(
        "x = 1  # noqa: E501, S101  # the format is the law's\n# we ignore types\n"
    )
    assert check(tmp_path) == []


def test_main_says_the_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 0
    (tmp_path / "Makefile").write_text("x:\n\tcd /ro" + "ot/x\n")
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "House rules: all good.",
        "Makefile:2: '/ro" + "ot/' is a path of one machine",
        "House rules: 1 broken.",
    ]


def test_a_room_names_each_of_its_modules(tmp_path: Path) -> None:
    room = tmp_path / "credit_platform" / "a"
    room.mkdir(parents=True)
    (room / "__init__.py").write_text(INTRODUCTION.format("`named.py`"))
    (room / "named.py").touch()
    (room / "_private.py").touch()
    assert check(tmp_path) == []
    (room / "forgotten.py").touch()
    assert check(tmp_path) == ["credit_platform/a/__init__.py:1: the package does not name `forgotten.py`"]


# --- one line for each step of an installation -----------------------------------------------------------------------


def quietly(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(ROOT / "scripts" / "quietly.sh"), "Installing", *command],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_step_that_works_says_one_line() -> None:
    done = quietly("sh", "-c", "echo chatter; echo more >&2")
    assert re.fullmatch(r"Installing … done in \d+ s\.\n", done.stdout)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_step_that_fails_says_everything_and_hands_its_status_on() -> None:
    done = quietly("sh", "-c", "echo no such wheel >&2; exit 3")
    assert done.returncode == 3
    assert "failed after" in done.stdout
    assert done.stdout.endswith("no such wheel\n")
