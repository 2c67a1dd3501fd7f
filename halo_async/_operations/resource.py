"""Resources: the operations, and their access to the transport."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Protocol, Self, TypeVar

import msgspec

from halo_async._operations.common_mistakes import called_as
from halo_async._operations.id_lists import are_several, joined
from halo_async._operations.operation import Operation
from halo_async._operations.request_builder import NO_OPTIONS, CallOptions
from halo_async._operations.serialization import query_pairs
from halo_async._utils.validation import check_seconds
from halo_async.errors import InvalidRequestError
from halo_async.transport.types import Request, Response
from halo_async.transport.urls import wrong_headers

T = TypeVar("T")


class Sender(Protocol):
    """Sender of requests: the transport."""

    async def send(self, request: Request, decode: Callable[[Response], T]) -> T:
        """Send the request, and decode the response."""
        ...


class Resource:
    """The operations of one path."""

    sender: Sender
    options: CallOptions

    def __init__(self, sender: Sender, options: CallOptions = NO_OPTIONS) -> None:
        self.sender = sender
        self.options = options

    @called_as("with_options(timeout=30)")
    def with_options(
        self,
        *,
        params: Mapping[str, Any] | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str] | None = None,
        retry: str | None = None,
        strict: bool | None = None,
    ) -> Self:
        """Return the same resource, whose calls also send these; what is not given stays.

        :param params: query parameters, also such as are not in any document; a call's own arguments override them.
        :param timeout: seconds for the whole call.
        :param headers: headers of the request, besides the client's own.
        :param retry: `"auto"`, `"always"` (a write that is safe to repeat, such as an update by id) or `"never"`.
        :param strict: True to check query and body against the types and enums of the API document before anything
            is sent.
        :raises InvalidRequestError: a header is the client's own, or not one header.
        """
        if headers and (wrong := wrong_headers(headers)):
            del headers  # tracebacks show locals
            raise InvalidRequestError(wrong)
        return self._with(merge_options(self.options, params, timeout, headers, retry, strict))

    def _with(self, options: CallOptions) -> Self:
        return type(self)(self.sender, options)

    if not TYPE_CHECKING:  # a visible __getattr__ would make type checkers accept any name

        def __getattr__(self, name: str) -> NoReturn:
            from halo_async._operations.common_mistakes import operation_mend

            mend = "." if name.startswith("_") else operation_mend(name, type(self))
            raise AttributeError(
                f"{type(self).__name__} has no operation {name!r}{mend}", name=name, obj=self
            )

        def __iter__(self) -> NoReturn:
            raise TypeError(
                f"{type(self).__name__} is not iterable. Read rows with `async for row in ….list()`."
            )

        def __aiter__(self) -> NoReturn:
            raise TypeError(
                f"{type(self).__name__} is not iterable. Read rows with `async for row in ….list()`."
            )

        def __call__(self, *args: object, **options: object) -> NoReturn:
            raise TypeError(
                f"{type(self).__name__} is not callable. Use one of its operations, such as `….list()`."
            )

        def __getitem__(self, key: object) -> NoReturn:
            raise TypeError(f"{type(self).__name__} has no items. Read one record with `await ….get(id)`.")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def merge_options(
    options: CallOptions,
    params: Mapping[str, Any] | None = None,
    timeout: float | None = None,
    headers: Mapping[str, str] | None = None,
    retry: str | None = None,
    strict: bool | None = None,
) -> CallOptions:
    """Return options with some of them replaced or added. The headers are already validated."""
    if params is not None and not isinstance(params, Mapping):
        raise InvalidRequestError("`params` must be a mapping. Use params={'name': value}.")
    if timeout is not None:
        check_seconds("timeout", timeout)
    if retry is not None and retry not in ("auto", "always", "never"):
        raise InvalidRequestError("`retry` must be 'auto', 'always' or 'never'.")
    return msgspec.structs.replace(
        options,
        params=_merged(options.params, params, _join_values),
        timeout=options.timeout if timeout is None else timeout,
        headers=_merged(options.headers, headers, Mapping.items),
        retry=options.retry if retry is None else retry,
        strict=options.strict if strict is None else _boolean(strict),
    )


def _boolean(strict: bool) -> bool:
    if not isinstance(strict, bool):
        raise InvalidRequestError("`strict` must be True or False.")
    return strict


def _merged(
    old: tuple[tuple[str, str], ...],
    new: Mapping[str, Any] | None,
    pairs: Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]],
) -> tuple[tuple[str, str], ...]:
    if not new:
        return old
    return (*(pair for pair in old if pair[0] not in new), *pairs(new))


def _join_values(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Several values go as one text: of a repeated name Halo reads the first value only."""
    for name, value in params.items():
        several = are_several(value) and not any(isinstance(item, Mapping) for item in value)
        yield from query_pairs(name, joined(name, value) if several else value)


class ResourceGroup(Resource):
    """Resources as attributes, each imported on first access."""

    _members: ClassVar[Mapping[str, tuple[str, str]]] = {}

    if not TYPE_CHECKING:  # a visible __getattr__ would make type checkers accept any name

        def __getattr__(self, name: str) -> Resource:
            if name not in self._members:
                own = member_name(type(self), name)
                if own is None:
                    raise AttributeError(_explain_unknown(self, name), name=name, obj=self)
                return getattr(self, own)  # not stored: `dir` would show the resource twice
            member = member_class(type(self), name)(self.sender, self.options)
            self.__dict__[name] = member
            return member

        def __call__(self, *args: object, **options: object) -> NoReturn:
            raise TypeError(
                f"{type(self).__name__} is not callable. Use one of its resources, such as `….tickets`."
            )

    def __dir__(self) -> Iterable[str]:
        return sorted({*super().__dir__(), *self._members})


def _explain_unknown(group: ResourceGroup, name: str) -> str:
    from halo_async._operations.common_mistakes import resource_mend

    mend = resource_mend(name, group._members, aliases(type(group)))
    return f"{type(group).__name__} has no attribute {name!r}{mend}"


def member_class(group: type[ResourceGroup], name: str) -> type[Resource]:
    """Return the class of a group's member."""
    module, class_name = group._members[name]
    found: type[Resource] = getattr(import_module(f"{_package(group)}.{module}"), class_name)
    return found


def member_name(group: type[ResourceGroup], name: str) -> str | None:
    """Return the own name of the member that is called `name` or has it as its other number; None if none has."""
    return name if name in group._members else aliases(group).get(name)


def own_name(name: str) -> str:
    """Return `client.list` for `clients.list`: the name of an operation with its resource's own name."""
    head, dot, rest = name.partition(".")
    return f"{member_name(_built_in(), head) or head}{dot}{rest}"


def aliases(group: type[ResourceGroup] | None = None) -> Mapping[str, str]:
    """Return the members' names in their other grammatical number, such as `clients`, each with the own one.

    :param group: the package's `Resources`; the built-in one if not given.
    """
    module = f"{_package(group or _built_in())}._aliases"
    try:
        found: Mapping[str, str] = import_module(module).ALIASES
    except ModuleNotFoundError as error:
        if error.name not in (module, module.rpartition(".")[0]):
            raise
        return {}  # a group of products, or of resources written by hand
    return found


def _package(group: type[ResourceGroup]) -> str:
    """Return the package that contains the modules of a group's members."""
    return next(cls.__module__ for cls in group.__mro__ if "_members" in vars(cls))


def operations(group: type[ResourceGroup] | None = None) -> Iterator[Operation]:
    """Yield every operation of an api package, by resource and then in the order of its module.

    :param group: the package's `Resources`; the built-in one if not given. Imports every resource.
    """
    chosen = group or _built_in()
    yield from _own_operations(chosen)
    for name in chosen._members:
        member = member_class(chosen, name)
        if issubclass(member, ResourceGroup):
            yield from operations(member)
        else:
            yield from _own_operations(member)


def _built_in() -> type[ResourceGroup]:
    found: type[ResourceGroup] = import_module("halo_async.api").Resources
    return found


def _own_operations(cls: type[Resource]) -> Iterator[Operation]:
    for member in vars(cls).values():
        operation = getattr(member, "operation", None)
        if isinstance(operation, Operation):
            yield operation


# What handwritten code needs of generated resources.


def resource_names(group: ResourceGroup | type[ResourceGroup]) -> tuple[str, ...]:
    """Return the names of a group's resources, such as `tickets`."""
    return tuple(group._members)


def operation_of(resource: Resource, method: str) -> Operation:
    """Return one of the resource's own operations.

    :raises InvalidRequestError: the document that it was generated from does not have it.
    """
    operation = getattr(getattr(type(resource), method, None), "operation", None)
    if isinstance(operation, Operation):
        return operation
    raise InvalidRequestError(
        f"{type(resource).__name__} has no {method}(), because the document that it was generated from lacks it."
    )
