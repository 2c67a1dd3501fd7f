"""Classes that stand for those of the client, with methods that return what the awaited ones would.

None is written twice: a class is made of the asynchronous one when it is first needed, and its methods call that one's.
What is otherwise without a loop (iteration, `with`) is in the handwritten classes of `HANDWRITTEN`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from functools import wraps
from importlib import import_module
from types import AsyncGeneratorType, CoroutineType
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

if TYPE_CHECKING:
    from halo_async.blocking.call import CallerDesk
    from halo_async.blocking.portal import Portal

C = TypeVar("C", bound="type[Facade]")

HANDWRITTEN = {
    "halo_async._operations.resource.Resource": "resources.Resource",
    "halo_async._operations.resource.ResourceGroup": "resources.ResourceGroup",
    "halo_async.writing.writable.Writable": "resources.Writable",
    "halo_async.client.Client": "client.Client",
    "halo_async.pagination.pages.Pages": "rows.Pages",
    "halo_async.resources.reports.rows.ReportRows": "rows.ReportRows",
    "halo_async.resources.watch.watching.ListWatch": "watching.ListWatch",
}
"""By the name of a class: the one in this package that stands for it."""
_MADE: dict[type, type[Facade] | None] = {}
"""By the type of a result: the class that stands for it; None for what is returned as it is."""
_NOT_OURS = {"aclose"}
"""Methods that have another name without `await`."""
_END: Any = object()


class Facade:
    """An object that stands for one of the client's.

    :ivar _wrapped: the object.
    :ivar _portal: the way to its event loop.
    """

    _asynchronous: ClassVar[type]
    _by_hand: ClassVar[Mapping[str, Any]] = {}
    """Methods of a handwritten class."""
    _wrapped: Any
    _portal: Portal

    @classmethod
    def _of(cls, wrapped: Any, portal: Portal) -> Self:
        made = object.__new__(cls)
        made._wrapped = wrapped
        made._portal = portal
        return made

    def _wrap_result(self, result: Any, desk: CallerDesk | None = None) -> Any:
        """Return what a method of the object returned, with nothing left to await in it."""
        kind = type(result)
        if kind is CoroutineType:
            result = self._portal.run(result, desk)
            kind = type(result)
        elif kind is AsyncGeneratorType:
            return self._iterate(result, desk)
        try:
            stands_for_it = _MADE[kind]
        except KeyError:
            stands_for_it = facade_class(kind)
        return result if stands_for_it is None else stands_for_it._of(result, self._portal)

    def _iterate(
        self, items: AsyncGenerator[Any, None], desk: CallerDesk | None = None
    ) -> Generator[Any, None, None]:
        try:
            while (item := self._portal.run(_take_next(items), desk)) is not _END:
                yield item
        finally:
            self._portal.run_cleanup(_close_items(items))

    def __repr__(self) -> str:
        wrapped = vars(self).get("_wrapped")  # a traceback of the constructor shows it before there is one
        return f"<{type(self).__name__} not made>" if wrapped is None else repr(wrapped)


async def _take_next(items: AsyncGenerator[Any, None]) -> Any:
    return await anext(items, _END)


async def _close_items(items: AsyncGenerator[Any, None]) -> None:
    await items.aclose()


def facade_class(cls: type) -> type[Facade] | None:
    """Return the class that stands for another; None where none is needed."""
    if cls not in _MADE:
        place = HANDWRITTEN.get(f"{cls.__module__}.{cls.__qualname__}")
        if place is not None:
            module, _, name = place.partition(".")
            getattr(import_module(f"{__package__}.{module}"), name)  # its decorator notes it
        else:
            _MADE[cls] = _make_facade(cls)
    return _MADE[cls]


def stands_for(cls: type) -> Callable[[C], C]:
    """Decorate a handwritten class with what it does not define of the one that it stands for."""

    def decorate(facade: C) -> C:
        facade._by_hand = {name: value for name, value in vars(facade).items() if not name.startswith("_")}
        for name, value in _members(cls).items():
            if name not in facade._by_hand:
                setattr(facade, name, value)
        facade._asynchronous = cls
        facade.__doc__ = facade.__doc__ or spoken(cls.__doc__)
        _MADE[cls] = facade
        return facade

    return decorate


def _make_facade(cls: type) -> type[Facade] | None:
    bases = tuple(base for base in map(facade_class, cls.__bases__) if base is not None)
    if not bases:
        return None
    package, _, module = cls.__module__.rpartition(".client")
    place = (
        f"{package}.blocking"
        if package and not module
        else cls.__module__.replace(".api", ".blocking.api", 1)
    )
    about = {"__module__": place, "__qualname__": cls.__qualname__, "__doc__": spoken(cls.__doc__)}
    members = {
        name: _described_anew(by_hand[0], value) if (by_hand := _by_hand(bases, name)) else value
        for name, value in _members(cls).items()
    }
    return type(cls.__name__, bases, {**about, "_asynchronous": cls, **members})


def _by_hand(bases: tuple[type[Facade], ...], name: str) -> list[Callable[..., Any]]:
    """Return the handwritten method that a class of the client has again, with annotations of its own."""
    facades: list[type[Facade]] = [cls for base in bases for cls in base.__mro__ if issubclass(cls, Facade)]
    return [facade._by_hand[name] for facade in facades if name in facade._by_hand]


def _described_anew(method: Callable[..., Any], as_this: Callable[..., Any]) -> Callable[..., Any]:
    return wraps(as_this)(lambda self, /, *args, **options: method(self, *args, **options))


def _members(cls: type) -> dict[str, Any]:
    """Return a class's public methods and properties, and those of bases that nothing stands for, without `await`."""
    own: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        if base is cls or facade_class(base) is None:
            own |= vars(base)
    return {
        name: _member(name, value)
        for name, value in own.items()
        if not name.startswith("_") and name not in _NOT_OURS
        if callable(value) or isinstance(value, classmethod | property)
    }


def _member(name: str, value: Any) -> Any:
    if isinstance(value, classmethod):
        return classmethod(_constructor(name, value.__func__))
    if isinstance(value, property):
        return property(lambda self: getattr(self._wrapped, name), doc=spoken(value.__doc__))
    return blocking_method(value)


def _constructor(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @described_by(function)
    def make(cls: Any, /, *args: Any, **options: Any) -> Any:
        try:
            return cls._new(getattr(cls._asynchronous, name)(*args, **options))
        except BaseException:
            del args, options  # tracebacks show locals
            raise

    return make


def blocking_method(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method that calls another class's, and waits for what it returns."""

    @described_by(function)
    def method(self: Facade, /, *args: Any, **options: Any) -> Any:
        try:
            return self._wrap_result(function(self._wrapped, *args, **options))
        except BaseException:
            del args, options  # tracebacks show locals
            raise

    return method


def described_by(function: Callable[..., Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a method with the name, the signature and the docstring of the one that is awaited."""

    def decorate(method: Callable[..., Any]) -> Callable[..., Any]:
        described = wraps(function)(method)
        described.__doc__ = spoken(function.__doc__)
        return described

    return decorate


def spoken(doc: str | None) -> str | None:
    """Return a docstring with its examples as they are without an event loop."""
    if doc is None:
        return None
    return doc.replace("async with ", "with ").replace("async for ", "for ").replace("await ", "")


def attach_facades(package: str, source: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the `__getattr__` and `__dir__` of a module with the same classes as another, without `await`.

    :param source: the other, relative to the package.
    """

    def load(name: str) -> Any:
        value = None if name.startswith("_") else getattr(import_module(source, package), name, None)
        made = facade_class(value) if isinstance(value, type) else None
        if made is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name)
        return made

    def names() -> list[str]:
        return sorted({*vars(import_module(package)), *dir(import_module(source, package))})

    return load, names
