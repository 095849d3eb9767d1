"""API keys of several homes that share an artefact store: one list, and a copy of it in each home for its services."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from credit_platform.api_keys import KeyFile, Scope, new_key
from credit_platform.errors import ApiKeyError
from credit_platform.lakehouse.shelf import Shelf
from credit_platform.serving.shared_keys import KEY, StoredKeys, copy_keys, key_file
from credit_platform.settings import Settings


def sharing(tmp_path: Path, name: str) -> Settings:
    return Settings(home=tmp_path / name, artefact_url=str(tmp_path / "shared é"))


def test_a_home_with_its_own_artefacts_has_a_file(tmp_path: Path) -> None:
    assert not isinstance(key_file(Settings(home=tmp_path)), StoredKeys)
    own = sharing(tmp_path, "one").model_copy(update={"api_keys": tmp_path / "own.json"})
    assert not isinstance(key_file(own), StoredKeys)
    copy_keys(Settings(home=tmp_path / "home"))
    assert not (tmp_path / "home").exists()


def test_a_key_made_in_one_home_works_in_the_other_until_it_is_revoked_in_either(tmp_path: Path) -> None:
    one, other = sharing(tmp_path, "one"), sharing(tmp_path, "other")
    _, stored = new_key("bank", [Scope.SCORE])
    key_file(one).add(stored)
    assert KeyFile(one.api_keys_file).read() == [stored]
    copy_keys(other)
    assert KeyFile(other.api_keys_file).read() == [stored]
    assert other.api_keys_file.stat().st_mode & 0o077 == 0
    assert key_file(other).revoke(stored.id).revoked_at
    copy_keys(one)
    assert KeyFile(one.api_keys_file).read()[0].revoked_at
    with pytest.raises(ApiKeyError, match=r"shared é/api_keys\.json has no key 00"):
        key_file(one).revoke("00")


def test_keys_of_before_they_were_shared_are_taken_over(tmp_path: Path) -> None:
    settings = sharing(tmp_path, "one")
    (_, old), (_, new) = new_key("old", [Scope.SCORE]), new_key("new", [Scope.SCORE])
    KeyFile(settings.api_keys_file).add(old)
    copy_keys(settings)
    assert key_file(settings).read() == [old]
    key_file(settings).add(new)
    assert KeyFile(settings.api_keys_file).read() == key_file(settings).read() == [old, new]


def test_no_key_is_lost_when_several_are_made_at_once(tmp_path: Path) -> None:
    homes = [sharing(tmp_path, name) for name in ("one", "other")]
    keys = [new_key(str(number), [Scope.SCORE])[1] for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda pair: key_file(homes[pair[0] % 2]).add(pair[1]), enumerate(keys)))
    assert {key.id for key in key_file(homes[0]).read()} == {key.id for key in keys}


def test_keys_that_were_altered_are_told_without_quoting_them(tmp_path: Path) -> None:
    settings = sharing(tmp_path, "one")
    Shelf.of(settings).store.put(KEY, b'{"secret": 1}')
    with pytest.raises(ApiKeyError, match="is not a file of API keys") as told:
        key_file(settings).read()
    assert "secret" not in str(told.value)
