"""Request that a dry run returns instead of sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

MASK = "***"
"""Placeholder for a secret."""
_NO_RECORD = "The request was not sent (dry run), so there is no record."


@attrs.frozen
class PreparedRequest:
    """A write as it would have been sent, with secrets masked.

    Its repr shows neither the query nor the body, which may hold personal data.
    """

    method: str
    url: str = attrs.field(repr=lambda url: repr(url.partition("?")[0]))
    """URL with its query; the value of a parameter named like a secret is `***`."""
    headers: tuple[tuple[str, str], ...] = attrs.field(repr=False)
    """All headers, in wire order; the credentials and values of anything named like a secret are `***`."""
    body: bytes | None = attrs.field(
        default=None, repr=lambda body: "None" if body is None else f"<{len(body)} bytes>"
    )
    """Exact bytes; None without a body, or for more than 16 MiB of a streamed upload."""

    def json(self) -> Any:
        """Decode the body as JSON.

        :raises ValueError: the body is not JSON, or there is none.
        """
        import json

        return json.loads(self.body or b"")

    def header(self, name: str) -> str | None:
        """Return the value of a header, case-insensitively; None if it is not sent.

        :param name: name of the header, in any case.
        """
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    if not TYPE_CHECKING:  # a visible __getattr__ would make type checkers accept any name

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(f"There is no {name!r}. {_NO_RECORD}", name=name, obj=self)

        def __getitem__(self, name: object) -> Any:
            raise TypeError(_NO_RECORD)
