"""Decompression of bodies in bounded steps, so that a limit of their size is checked before a bomb has expanded.

gzip and deflate can always be read; zstd and br where a package is installed that can be stopped after a step. What can
be read is what is offered to the server.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from halo_async._utils.fast_zlib import fast_zlib, zlib_name
from halo_async.errors import DecodeError

STEP = 512 * 1024
"""Bytes decompressed at a time: the most that a bomb can add before the limit is checked again."""
_ZSTD_WINDOW = 23
"""Bits of the largest window (8 MiB) that a response may have (RFC 9659): a decoder allocates all of it."""


class UnknownEncodingError(DecodeError):
    """The response has a compression that this client cannot read.

    :ivar encoding: its name, in lower case.
    """

    def __init__(self, encoding: str) -> None:
        super().__init__("The response is compressed in a way that was not requested.")
        self.encoding = encoding


class BodySink(Protocol):
    """Receiver of decompressed pieces."""

    def add(self, chunk: bytes) -> None:
        """Add the next piece."""
        ...


class Decompressor(Protocol):
    """Decompressor of one body into a sink."""

    def feed(self, data: bytes, /) -> None:
        """Decompress the next bytes. :raises DecodeError: they are broken."""
        ...

    def end(self) -> None:
        """Check that the body is whole. :raises DecodeError: it is not."""
        ...


class _Plain:
    def __init__(self, sink: BodySink) -> None:
        self.feed = sink.add

    def end(self) -> None:
        """Do nothing: the HTTP layer checks that the body is complete."""


class _Streams:
    """A body of one or more complete streams, one after the other.

    :ivar errors: what a stream raises for broken bytes.
    :ivar padding: bytes that may stand between streams and behind them.
    """

    errors: tuple[type[Exception], ...]
    padding = b""

    def __init__(self, sink: BodySink, name: str) -> None:
        self._sink = sink
        self._name = name
        self._stream: Any = None

    def feed(self, data: bytes) -> None:
        try:
            while data:
                data = self._fed(data)
        except self.errors:
            raise DecodeError(f"The response's {self._name} compression is broken.") from None

    def _fed(self, data: bytes) -> bytes:
        """Decompress up to the end of a stream, and return what follows it."""
        if self._stream is None:
            self._stream = self._new_stream(data[0])
        stream = self._stream
        while True:
            out = stream.decompress(data, STEP)
            if out:
                self._sink.add(out)
            if stream.eof:
                self._stream = None
                rest: bytes = stream.unused_data
                return rest.lstrip(self.padding)
            pending = self._pending(stream, out)
            if pending is None:
                return b""
            data = pending

    def _new_stream(self, first: int) -> Any:
        """Return the decoder of a stream that begins with this byte."""
        raise NotImplementedError

    def _pending(self, stream: Any, out: bytes) -> bytes | None:
        """Return what to decompress next, perhaps b"" where output is held back; None if more has to come first."""
        raise NotImplementedError

    def end(self) -> None:
        if self._stream is not None:
            raise _truncated(self._name)


class _Inflate(_Streams):
    """gzip (including several members) and deflate (with or without its header)."""

    padding = b"\0"

    def __init__(self, sink: BodySink, name: str) -> None:
        super().__init__(sink, name)
        self._zlib = fast_zlib()
        self.errors = (self._zlib.error,)

    def _new_stream(self, first: int) -> Any:
        return self._zlib.decompressobj(self._window(first))

    def _window(self, first: int) -> int:
        bits: int = self._zlib.MAX_WBITS
        if self._name == "gzip":
            return 16 + bits
        return bits if first & 0x0F == 8 else -bits

    def _pending(self, stream: Any, out: bytes) -> bytes | None:
        tail: bytes = stream.unconsumed_tail
        return tail if tail or len(out) >= STEP else None


class _Zstd(_Streams):
    def __init__(self, sink: BodySink, name: str) -> None:
        super().__init__(sink, name)
        self._zstd = zstd()
        self.errors = (self._zstd.ZstdError,)

    def _new_stream(self, first: int) -> Any:
        limits = {self._zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW}
        return self._zstd.ZstdDecompressor(options=limits)

    def _pending(self, stream: Any, out: bytes) -> bytes | None:
        return None if stream.needs_input else b""


class _Brotli:
    def __init__(self, sink: BodySink, name: str) -> None:
        self._sink = sink
        self._error = brotli().error
        self._stream: Any = None

    def feed(self, data: bytes) -> None:
        if self._stream is None:
            self._stream = brotli().Decompressor()
        try:
            out = self._stream.process(data, output_buffer_limit=STEP)
            while out:
                self._sink.add(out)
                out = (
                    b"" if self._stream.is_finished() else self._stream.process(b"", output_buffer_limit=STEP)
                )
        except self._error:
            raise DecodeError("The response's br compression is broken.") from None

    def end(self) -> None:
        if self._stream is not None and not self._stream.is_finished():
            raise _truncated("br")


def _truncated(name: str) -> DecodeError:
    return DecodeError(f"The response's {name} compression is truncated.")


@cache
def zstd() -> Any:
    """Return Python's own module, or the same one for Pythons before 3.14; None without them.

    `zstandard`, which the export writes with, cannot be stopped after a step.
    """
    return _imported("compression.zstd") or _imported("backports.zstd")


@cache
def brotli() -> Any:
    """Return the module; None without it, and before 1.2, which could not be stopped after a step."""
    found = _imported("brotli")
    return found if hasattr(getattr(found, "Decompressor", None), "can_accept_more_data") else None


def _imported(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None


@cache
def decoders() -> Mapping[str, str]:
    """Return the compressions that can be read, each with the package that does it."""
    found = {"gzip": zlib_name(), "deflate": zlib_name()}
    found |= {"zstd": zstd().__name__} if zstd() else {}
    return found | ({"br": "brotli"} if brotli() else {})


@cache
def accepted(sent: tuple[str, ...] | None = None) -> str:
    """Return the value of Accept-Encoding: what can be read; br, which takes the longest, as a last choice.

    :param sent: what the instance was measured to send; nothing else is offered then.
    """
    names = [name for name in decoders() if sent is None or name in sent]
    return ", ".join(f"{name};q=0.5" if name == "br" else name for name in names) or "identity"


_KINDS: Mapping[str, Callable[[BodySink, str], Decompressor]] = {
    "gzip": _Inflate,
    "deflate": _Inflate,
    "zstd": _Zstd,
    "br": _Brotli,
}


def decompressor(encoding: str, sink: BodySink) -> Decompressor:
    """Return a decompressor of a raw body into the sink, with `feed` and finally `end`.

    :raises UnknownEncodingError: it is compressed in a way that was not requested.
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return _Plain(sink)
    name = "gzip" if name == "x-gzip" else name
    if name not in decoders():
        raise UnknownEncodingError(name)
    return _KINDS[name](sink, name)
