"""A file of profiles is changed in place: what its user wrote in it stays."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async import SettingsError
from halo_async.auth.private_files import FileLock
from halo_async.auth.profiles.editing import add_profile, remove_profile, set_default
from tests.support.examples import examples

BY_HAND = """\
# ours
default = "acme"

[defaults]
client_id = "id"   # of all

[instances.acme]
instance = "acme.halopsa.com"
client_secret_command = [
  "pass",          # a comment
  "show",
]

# the one in the south
[instances."globex uk"]
instance = "globex.haloitsm.com"
"""
LETTERS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TABLES = st.dictionaries(
    LETTERS.filter(bool),
    st.dictionaries(st.sampled_from("abc"), LETTERS | st.lists(LETTERS), max_size=3),
    max_size=4,
)


def written(folder: Path, text: str = BY_HAND) -> Path:
    file = folder / "profiles.toml"
    file.write_text(text)
    return file


def test_what_is_added_comes_last_and_the_rest_stays(tmp_path: Path) -> None:
    file = written(tmp_path)
    add_profile(file, "new", {"instance": "new.halopsa.com", "groups": ["a", "b"]})
    expected = BY_HAND + '\n[instances.new]\ninstance = "new.halopsa.com"\ngroups = ["a", "b"]\n'
    assert file.read_text() == expected
    assert file.stat().st_mode & 0o077 == 0


def test_a_table_goes_with_its_settings_and_not_with_the_comment_of_the_next(tmp_path: Path) -> None:
    file = written(tmp_path)
    remove_profile(file, "acme")
    text = file.read_text()
    assert "acme" not in text
    assert "pass" not in text
    assert (
        '# ours\n\n[defaults]\nclient_id = "id"   # of all\n\n# the one in the south\n[instances."globex uk"]'
        in text
    )
    remove_profile(file, "globex uk")
    assert tomllib.loads(file.read_text()) == {"defaults": {"client_id": "id"}}


def test_a_default_is_named_once_and_goes_with_its_profile(tmp_path: Path) -> None:
    file = written(tmp_path)
    set_default(file, "globex uk")
    assert file.read_text().count("default =") == 1
    assert tomllib.loads(file.read_text())["default"] == "globex uk"
    set_default(file, None)
    assert file.read_text() == BY_HAND.replace('default = "acme"\n', "")


@pytest.mark.parametrize(
    "text",
    [
        'instances = { acme = { instance = "a" } }\n',
        '[instances]\nacme.instance = "a"\n',
        'instances.acme.instance = "a"\n',
    ],
)
def test_a_file_in_another_style_is_left_as_it_is(text: str, tmp_path: Path) -> None:
    file = written(tmp_path, text)
    with pytest.raises(SettingsError, match=r"cannot be changed here\. Edit it yourself"):
        remove_profile(file, "acme")
    assert file.read_text() == text


def test_two_processes_do_not_change_it_at_once(tmp_path: Path) -> None:
    file = written(tmp_path)
    lock = FileLock.take(tmp_path / "profiles.toml.lock")
    assert lock is not None
    with pytest.raises(SettingsError, match="Another process is changing"):
        set_default(file, None)
    lock.let_go()
    set_default(file, None)
    assert [path.name for path in tmp_path.iterdir()] == ["profiles.toml"]


@settings(max_examples=examples(25))
@given(TABLES, st.data())
def test_any_names_and_values_are_read_back(
    tables: dict[str, dict[str, str | list[str]]], data: st.DataObject
) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "profiles.toml")
        for name, table in tables.items():
            add_profile(file, name, table)
        if tables:
            assert tomllib.loads(file.read_text("utf-8"))["instances"] == tables
            name = data.draw(st.sampled_from(sorted(tables)))
            add_profile(file, name, {"x": "y"})
            assert tomllib.loads(file.read_text("utf-8"))["instances"] == {**tables, name: {"x": "y"}}
            remove_profile(file, name)
            left = {key: value for key, value in tables.items() if key != name}
            assert tomllib.loads(file.read_text("utf-8")).get("instances", {}) == left
