"""Where a profile's secret comes from: never from the file, and it is shown nowhere."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from halo_async import Halo, SettingsError
from halo_async._utils.secret import Secret
from halo_async.auth import SecretSourceCredentials
from halo_async.auth.profiles.file import ProfileFile
from halo_async.auth.profiles.keychain import read_from_keychain, write_to_keychain
from halo_async.auth.profiles.secret_command import run_secret_command
from halo_async.auth.profiles.secret_sources import environment_variable
from halo_async.emulator import Emulator
from halo_async.errors import AuthenticationError


class InMemory(KeyringBackend):
    """A keychain of the package itself, as a desktop has one."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def keychain() -> Iterator[InMemory]:
    before, backend = keyring.get_keyring(), InMemory()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def program(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


def told(error: BaseException) -> str:
    """The message, and the locals of our own frames."""
    found = traceback.TracebackException.from_exception(error, capture_locals=True)
    return f"{error} {[frame.locals for frame in found.stack if '/halo_async/' in frame.filename]}"


def test_a_command_prints_the_secret_and_its_white_space_goes(tmp_path: Path) -> None:
    argv = program("import sys; print(' ', sys.argv[1]); print('noise', file=sys.stderr)", "$HOME;a|b")
    assert run_secret_command(argv, tmp_path).reveal() == "$HOME;a|b"


def test_a_command_runs_in_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret")
    assert run_secret_command(program("print(open('secret').read())"), tmp_path) == Secret("s3cret")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "import sys; print('can' 'ary-1'); print('can' 'ary-2', file=sys.stderr); sys.exit(3)",
            "ended with code 3",
        ),
        ("print('can' 'ary-1 can' 'ary-2')", "must print the client secret alone"),
        ("print('')", "must print the client secret alone"),
        (
            "import sys; sys.stdout.buffer.write(b'can' b'ary-1 \\xff\\xfe')",
            "must print the client secret alone",
        ),
        ("print(('can' 'ary-1') * 2000)", "must print the client secret alone"),
        ("while True: print('can' 'ary-1')", "must print the client secret alone"),
    ],
)
def test_a_command_that_fails_is_one_sentence_without_its_output(
    code: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        run_secret_command(program(code), tmp_path)
    assert "canary" not in told(caught.value)
    assert "Run it yourself" in str(caught.value)


def test_a_command_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"'no-such-program' .* cannot be run"):
        run_secret_command(["no-such-program"], tmp_path)


def test_a_command_that_hangs_is_ended_even_if_its_children_keep_the_pipe(tmp_path: Path) -> None:
    child = (
        "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(4)'])"
    )
    start = time.monotonic()
    with pytest.raises(SettingsError, match=r"did not print the client secret within 0\.5 s"):
        run_secret_command(program(f"{child}; time.sleep(60)"), tmp_path, 0.5)
    assert time.monotonic() - start < 4


def write(folder: Path, **settings: object) -> Path:
    lines = "".join(f"{name} = {value!r}\n".replace("\\\\", "\\") for name, value in settings.items())
    file = folder / "profiles.toml"
    file.write_text(f"[instances.acme]\ninstance = 'acme.halopsa.com'\nclient_id = 'id'\n{lines}")
    file.chmod(0o600)
    return file


@pytest.mark.parametrize("given", ["op read x", [], [""], ["a", 5], 5, ["a\0b"]])
def test_a_command_that_is_not_a_list_is_refused_with_the_way_to_write_it(
    given: object, tmp_path: Path
) -> None:
    import json

    file = write(tmp_path)
    file.write_text(file.read_text() + f"client_secret_command = {json.dumps(given)}\n")
    with pytest.raises(SettingsError, match=r'client_secret_command .*Write it as \["op", "read"'):
        ProfileFile.read(file).profile("acme")


@pytest.mark.skipif(os.name != "posix", reason="modes of files")
def test_a_command_in_a_file_that_others_can_change_is_not_run(tmp_path: Path) -> None:
    file = write(tmp_path, client_secret_command=["true"])
    file.chmod(0o622)
    with pytest.raises(SettingsError, match="Run chmod go-w on it"):
        ProfileFile.read(file).profile("acme")
    file.chmod(0o644)
    assert ProfileFile.read(file).profile("acme").source is not None


def test_two_sources_exclude_each_other(tmp_path: Path) -> None:
    file = write(tmp_path, client_secret_env="A", client_secret_file="b")
    with pytest.raises(SettingsError, match="client_secret_env and client_secret_file exclude each other"):
        ProfileFile.read(file).profile("acme")


def test_the_source_of_an_instance_replaces_that_of_the_defaults(tmp_path: Path) -> None:
    file = write(tmp_path, client_secret_env="MINE")
    file.write_text("[defaults]\nclient_secret_file = 'theirs'\n" + file.read_text())
    source = ProfileFile.read(file).profile("acme").source
    assert source is not None
    assert source.description == "environment MINE"


def test_a_system_without_a_keychain_is_told_with_the_way_out() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    try:
        with pytest.raises(SettingsError, match=r"no keychain .*Use --client-secret-file or"):
            write_to_keychain("acme", Secret("one"))
    finally:
        keyring.set_keyring(before)


def test_a_keychain_gives_back_the_secret_of_its_account_or_of_another_service(keychain: InMemory) -> None:
    write_to_keychain("acme", Secret("one"))
    keychain.set_password("other app", "halo", "two")
    assert [read_from_keychain(name).reveal() for name in ("acme", "other app/halo")] == ["one", "two"]
    with pytest.raises(SettingsError, match=r"no secret for 'globex' of 'halo-async'\. Store it by"):
        read_from_keychain("globex")


def test_a_keychain_that_keeps_nothing_or_fails_says_so_without_the_secret() -> None:
    class Forgets(InMemory):
        def set_password(self, service: str, username: str, password: str) -> None: ...

    class Fails(InMemory):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise RuntimeError(f"canary {password}")

    before = keyring.get_keyring()
    try:
        for backend, said in ((Forgets(), "did not keep the secret"), (Fails(), "failed .RuntimeError")):
            keyring.set_keyring(backend)
            with pytest.raises(SettingsError, match=said) as caught:
                write_to_keychain("acme", Secret("canary"))
            assert "canary" not in told(caught.value)
    finally:
        keyring.set_keyring(before)


async def test_a_secret_is_read_again_when_it_was_changed(halo_emulator: Emulator) -> None:
    secrets = ["wrong", halo_emulator.client_secret, halo_emulator.client_secret]
    read: list[int] = []

    def source() -> str:
        read.append(1)
        return secrets[len(read) - 1]

    login = SecretSourceCredentials(halo_emulator.client_id, source)
    async with _opened(Halo(halo_emulator.url, login, rate_limit=None)) as halo:
        with pytest.raises(AuthenticationError):
            await halo.tickets.get(1)
    login = SecretSourceCredentials(halo_emulator.client_id, source)
    async with Halo(halo_emulator.url, login, rate_limit=None) as halo:
        await halo.tickets.list().first()
        halo_emulator.revoke_tokens()
        await halo.tickets.list().first()
    assert len(read) == 3
    assert len(halo_emulator.requests("POST /auth/token")) == 3


def _opened(halo: Halo):  # type: ignore[no-untyped-def]
    from contextlib import aclosing

    return aclosing(halo)


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (RuntimeError("canary"), "The source of the client secret failed with RuntimeError"),
        (SettingsError("The vault is sealed. Unseal it."), "The vault is sealed. Unseal it."),
        (5, "must return a string, not an int"),
        ("", "The client id or the client secret is empty"),
        ("canary\nx", "contains a line break"),
    ],
)
async def test_a_source_that_fails_is_one_refused_login(
    result: object, said: str, halo_emulator: Emulator
) -> None:
    def source() -> str:
        if isinstance(result, Exception):
            raise result
        return result  # type: ignore[return-value]

    halo = Halo(halo_emulator.url, SecretSourceCredentials(halo_emulator.client_id, source), rate_limit=None)
    with pytest.raises(AuthenticationError, match=said) as caught:
        async with halo:
            pass
    assert "canary" not in str(caught.value)
    assert not halo_emulator.requests("POST /auth/token")


def test_an_environment_shows_in_no_traceback(tmp_path: Path) -> None:
    from halo_async import Fleet

    file = write(tmp_path, client_secret_env="LACKS")
    with pytest.raises(SettingsError) as caught:
        Fleet.from_toml(file, environ={"OTHER": "canary"})
    assert "canary" not in told(caught.value).replace("{'OTHER': 'canary'}", "")
    assert environment_variable({"A": " b "})("A").reveal() == "b"
