"""Resources without `await`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from halo_async._operations.resource import Resource as AsyncResource
from halo_async._operations.resource import ResourceGroup as AsyncResourceGroup
from halo_async._operations.resource import resource_names
from halo_async.blocking.call import CallerDesk
from halo_async.blocking.caller_rows import in_caller
from halo_async.blocking.facade import Facade, described_by, stands_for
from halo_async.writing.writable import Writable as AsyncWritable


@stands_for(AsyncResource)
class Resource(Facade):
    """The operations of one path."""

    def __getattr__(self, name: str) -> Any:
        getattr(self._wrapped, name)  # its error has the name that is meant
        raise AttributeError(f"{type(self).__name__} has no operation {name!r}.", name=name, obj=self)

    def __iter__(self) -> NoReturn:
        raise TypeError(f"{type(self).__name__} is not iterable. Read rows with `for row in ….list()`.")

    def __call__(self, *args: object, **options: object) -> NoReturn:
        """Refuse to be called, with what is meant."""
        self._wrapped()
        raise TypeError(
            f"{type(self).__name__} is not callable. Use one of its operations, such as `….list()`."
        )

    def __getitem__(self, key: object) -> NoReturn:
        raise TypeError(f"{type(self).__name__} has no items. Read one record with `….get(id)`.")


@stands_for(AsyncResourceGroup)
class ResourceGroup(Resource):
    """Resources as attributes."""

    def __getattr__(self, name: str) -> Any:
        value = None if name.startswith("_") else self._wrap_result(getattr(self._wrapped, name))
        if isinstance(value, Facade):
            if name in resource_names(self._wrapped):  # not one of its other names: `dir` would show it twice
                self.__dict__[name] = value
            return value
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}.", name=name, obj=self)

    def __dir__(self) -> Iterable[str]:
        return sorted({*super().__dir__(), *resource_names(self._wrapped)})


@stands_for(AsyncWritable)
class Writable(Resource):
    """A resource whose POST takes an array."""

    @described_by(AsyncWritable.bulk_upsert)
    def bulk_upsert(self, *args: Any, **options: Any) -> Iterator[Any]:
        """See `halo_async.writing`; rows are read by the thread that takes the results."""
        desk = CallerDesk()
        if args:
            args = (in_caller(args[0], desk), *args[1:])
        elif "records" in options:
            options["records"] = in_caller(options["records"], desk)
        try:
            results: Iterator[Any] = self._wrap_result(self._wrapped.bulk_upsert(*args, **options), desk)
        except BaseException:
            del args, options  # tracebacks show locals
            raise
        return results
