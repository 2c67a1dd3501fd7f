"""Types of methods without `await`: what a stub says of an operation, by the operation itself."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

    from halo_async.blocking.api._bases import Pages
    from halo_async.pagination.pages import Pages as AsyncPages

    P = ParamSpec("P")
    T = TypeVar("T")

    class Method(Generic[P, T]):
        """A method with the parameters of another and a result of its own."""

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> Self: ...
        @overload
        def __get__(self, instance: object, owner: type[Any]) -> Callable[P, T]: ...
        def __get__(self, instance: object | None, owner: type[Any]) -> Self | Callable[P, T]: ...

    def call(operation: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]) -> Method[P, T]:
        """Return the operation without `await`."""
        ...

    def rows(operation: Callable[Concatenate[Any, P], AsyncPages[T]]) -> Method[P, Pages[T]]:
        """Return the list without `await`."""
        ...
