"""Configuration of `halo-async emulator`: a file, and the options that come before it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import msgspec

from halo_async._utils.openapi_document import Document, is_canonical, load_document, read_document
from halo_async.cli.connection import parse_rate_limit
from halo_async.cli.errors import UsageError
from halo_async.emulator import Fault
from halo_async.emulator import config as parsers
from halo_async.emulator.config import EmulatorConfig
from halo_async.emulator.config_fields import ConfigError, read_object
from halo_async.emulator.documents import load


def configure(
    file: Path | None, given: Mapping[str, Any], written: Mapping[str, Any]
) -> tuple[EmulatorConfig, Document | None]:
    """Return the checked options: an option replaces the file's, one that may be repeated adds to it.

    :param given: options that are values already.
    :param written: options that are still text.
    :raises UsageError: something is not valid; the message names the file or the option.
    """
    config = EmulatorConfig() if file is None else _read_file(file)
    path = given.get("document", config.document)
    document = None if path is None else _read_document(path)
    config = attrs.evolve(config, as_of=given.get("as_of", config.as_of))
    try:
        known = load(document, config.as_of)
    except ConfigError as error:
        named = str(error).replace("as_of", "--as-of") if "as_of" in given else f"--config {file}: {error}"
        raise UsageError(named) from None
    with _naming(f"--config {file}"):
        config = config.checked(load_document() if document is None else document)
    for name, value in {**given, **_parse(written, config, known)}.items():
        try:
            config = attrs.evolve(config, **{name: value})
        except ConfigError as error:
            raise UsageError(str(error).replace(name, _option(name), 1)) from None
    return config, document


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


@contextmanager
def _naming(where: str) -> Iterator[None]:
    """Name the file or the option in errors."""
    try:
        yield
    except ConfigError as error:
        raise UsageError(f"{where}: {error}") from None


def _read_file(path: Path) -> EmulatorConfig:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(
            f"--config {path} cannot be read ({(error.strerror or '').lower()}). Name another file."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"--config {path} is not valid TOML ({error}). Correct it.") from None
    with _naming(f"--config {path}"):
        return read_object(EmulatorConfig, values)


def _parse(written: Mapping[str, Any], config: EmulatorConfig, document: Document) -> dict[str, Any]:
    """Return the values of options that are texts."""

    def read_caps(texts: Sequence[str]) -> dict[str, int]:
        return {**config.page_caps, **dict(parsers.cap_from_text(text, document) for text in texts)}

    def read_faults(texts: Sequence[str]) -> tuple[Fault, ...]:
        return parsers.checked_faults(map(parsers.fault_from_text, texts), document)

    read: dict[str, Callable[[Any], Any]] = {
        "rate_limit": parse_rate_limit,
        "tenant": lambda text: None if text.strip().lower() in ("none", "") else text.strip(),
        "tenants": lambda texts: (*config.tenants, *_split_names(texts)),
        "page_caps": read_caps,
        "faults": lambda texts: (*config.faults, *read_faults(texts)),
        "churn": lambda text: parsers.checked_churn(parsers.churn_from_text(text), document),
        "behaviour": parsers.behaviour_from_text,
        "proxies": lambda texts: {**config.proxies, **dict(map(parsers.proxy_from_text, texts))},
    }
    found = {}
    for name, text in written.items():
        with _naming(_option(name)):
            found[name] = read[name](text)
    return found


def _split_names(texts: Sequence[str]) -> tuple[str, ...]:
    """Return names given with commas, or by repeating the option."""
    return tuple(dict.fromkeys(name.strip() for text in texts for name in text.split(",") if name.strip()))


def _read_document(path: Path) -> Document:
    """Return a document in canonical form.

    :raises UsageError: it cannot be read, or is something else.
    """
    try:
        found: Any = read_document(path)
    except OSError as error:
        raise UsageError(
            f"--document {path} cannot be read ({(error.strerror or '').lower()}). Name another file."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UsageError(f"--document {path} is not valid JSON. Name a canonical document.") from None
    if not is_canonical(found):
        raise UsageError(
            f"--document {path} is not a canonical document. Use DIR/spec/halo.openapi.json, which"
            f" `halo-async generate {path} --out DIR` writes."
        )
    return dict(found)
