"""Common mistakes with a list that is fetched as it is read, each with a sentence that says how to do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn


class GuidedPages:
    """Uses as a list, or as a context manager, of what is neither."""

    __slots__ = ()

    def _call_name(self) -> str:
        """Return the name of the operation, for messages."""
        raise NotImplementedError

    if not TYPE_CHECKING:  # type checkers shall refuse these, too

        def __iter__(self) -> NoReturn:
            raise TypeError(f"{self._call_name()} fetches rows as they are read. Use 'async for'.")

        # Without __anext__: libraries call that of what looks like an asynchronous iterator.
        def __next__(self) -> NoReturn:
            raise TypeError(
                f"{self._call_name()} has fetched nothing yet. Use 'await pages.first()', or 'async for'."
            )

        def __contains__(self, row: object) -> NoReturn:
            iter(self)

        def __len__(self) -> NoReturn:
            raise TypeError(f"{self._call_name()} has fetched nothing yet. Use 'await pages.count()'.")

        def __bool__(self) -> NoReturn:
            raise TypeError(
                f"{self._call_name()} has fetched nothing yet. Test 'await pages.first() is not None'."
            )

        def __getitem__(self, place: object) -> NoReturn:
            raise TypeError(
                f"{self._call_name()} has fetched nothing yet. Use 'await pages.first()' or 'await pages.all()'."
            )

        def __getattr__(self, name: str) -> NoReturn:
            if name.startswith("_"):
                raise AttributeError(name, name=name, obj=self)
            mend = "Use 'async for row in pages', or 'await pages' for the first page."
            raise AttributeError(f"{self._call_name()} has no {name!r}. {mend}", name=name, obj=self)

        async def __aenter__(self) -> NoReturn:
            raise TypeError(
                f"{self._call_name()} is not a context manager. Leave out 'async with', since 'async for' closes."
            )

        async def __aexit__(self, *error: object) -> None:
            """Python looks for it before it enters."""

        def __enter__(self) -> NoReturn:
            raise TypeError(
                f"{self._call_name()} is not a context manager. Leave out 'with', since 'async for' closes."
            )

        def __exit__(self, *error: object) -> None:
            """Python looks for it before it enters."""
