"""`prepare_environment`: state stays in the home, telemetry is off, and the user's own variables win."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from credit_platform import environment
from credit_platform.dagster_yaml import DAGSTER_URL_VARIABLE
from credit_platform.environment import (
    NO_TELEMETRY,
    QUIET_THREADS,
    TOOL_FOLDERS,
    prepare_environment,
)
from credit_platform.errors import EnvironmentSetupError
from credit_platform.settings import Settings


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*TOOL_FOLDERS, *NO_TELEMETRY, *QUIET_THREADS, DAGSTER_URL_VARIABLE]:
        # Setting before deleting makes monkeypatch remember the variable even where it was absent.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_every_folder_is_inside_the_home(tmp_path: Path) -> None:
    variables = prepare_environment(Settings(home=tmp_path / "home"))
    for name, folder in TOOL_FOLDERS.items():
        assert variables[name] == str(tmp_path / "home" / folder)
        assert Path(variables[name]).is_dir()
    assert (tmp_path / "home" / "mlflow").is_dir()


def test_variables_are_in_force_for_this_process(tmp_path: Path) -> None:
    variables = prepare_environment(Settings(home=tmp_path))
    assert {name: os.environ[name] for name in variables} == variables


def test_relative_home_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert prepare_environment(Settings(home=Path("home")))["DAGSTER_HOME"] == str(tmp_path / "home" / "dagster")


def test_dagster_telemetry_and_its_newsletter_are_off(tmp_path: Path) -> None:
    prepare_environment(Settings(home=tmp_path))
    written = yaml.safe_load((tmp_path / "dagster" / "dagster.yaml").read_text())
    assert (written["telemetry"], written["nux"]) == ({"enabled": False}, {"enabled": False})
    assert written["run_monitoring"]["enabled"], "time limits are enforced"


def test_an_existing_dagster_yaml_is_kept(tmp_path: Path) -> None:
    prepare_environment(Settings(home=tmp_path))
    (tmp_path / "dagster" / "dagster.yaml").write_text("mine: true")
    prepare_environment(Settings(home=tmp_path))
    assert (tmp_path / "dagster" / "dagster.yaml").read_text() == "mine: true"


def test_a_variable_of_the_user_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "theirs"))
    monkeypatch.setenv("DO_NOT_TRACK", "1")
    variables = prepare_environment(Settings(home=tmp_path / "home"))
    assert variables["DAGSTER_HOME"] == str(tmp_path / "theirs")
    assert variables["DO_NOT_TRACK"] == "1"
    # Their folder must exist, or Dagster refuses to start; what is in it is their business.
    assert list((tmp_path / "theirs").iterdir()) == []


def test_a_relative_dagster_home_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", "somewhere")
    with pytest.raises(EnvironmentSetupError, match="absolute"):
        prepare_environment(Settings(home=tmp_path / "home"))
    assert not (tmp_path / "home").exists()


def test_a_file_in_the_way_is_named_with_the_variable_to_change(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(EnvironmentSetupError, match=r"home cannot.*CREDIT_PLATFORM_HOME"):
        prepare_environment(Settings(home=tmp_path / "home"))


def test_an_unwritable_dagster_yaml_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(target: Path, content: bytes) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(environment, "write_synced", refuse)
    with pytest.raises(EnvironmentSetupError, match=r"dagster\.yaml cannot be written: Permission denied"):
        prepare_environment(Settings(home=tmp_path))


def test_a_new_home_is_for_its_owner_only(tmp_path: Path) -> None:
    home = tmp_path / "of mine é"
    prepare_environment(Settings(home=home))
    assert home.stat().st_mode & 0o777 == 0o700


def test_a_used_home_is_closed_and_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    prepare_environment(Settings(home=tmp_path / "home"))
    (tmp_path / "home").chmod(0o755)
    caplog.clear()
    for _ in range(3):
        prepare_environment(Settings(home=tmp_path / "home"))
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700
    assert [record.getMessage().partition(" could be")[2] for record in caplog.records] == [
        " entered by other accounts; now only its owner can."
    ]


def test_a_folder_with_other_things_is_left_as_it_is(tmp_path: Path) -> None:
    home = tmp_path / "shared"
    home.mkdir(mode=0o755)
    (home / "of somebody").touch()
    prepare_environment(Settings(home=home))
    assert home.stat().st_mode & 0o777 == 0o755


def test_dagster_is_pointed_at_postgresql_and_back_without_a_password_in_a_file(tmp_path: Path) -> None:
    url = "postgresql+psycopg://me:never-print-this@127.0.0.1:1/x"
    file = tmp_path / "dagster" / "dagster.yaml"
    prepare_environment(Settings(home=tmp_path))
    plain = file.read_text()
    variables = prepare_environment(Settings(home=tmp_path, dagster_url=url))
    assert yaml.safe_load(file.read_text())["storage"] == {"postgres": {"postgres_url": {"env": DAGSTER_URL_VARIABLE}}}
    assert os.environ[DAGSTER_URL_VARIABLE] == variables[DAGSTER_URL_VARIABLE] == url.replace("+psycopg", "")
    assert "never-print-this" not in file.read_text()
    prepare_environment(Settings(home=tmp_path))
    assert file.read_text() == plain


def test_a_dagster_yaml_of_the_user_that_names_no_storage_is_refused(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, dagster_url="postgresql+psycopg://me@127.0.0.1:1/x")
    file = tmp_path / "dagster" / "dagster.yaml"
    prepare_environment(settings)
    for mine in ("mine: true", "", "- a list"):
        file.write_text(mine)
        with pytest.raises(EnvironmentSetupError, match=r"names no storage.*storage: \{postgres"):
            prepare_environment(settings)
        assert file.read_text() == mine
    file.write_text("storage: {sqlite: {base_dir: /somewhere}}")
    prepare_environment(settings)
