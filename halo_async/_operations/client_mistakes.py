"""Common mistakes in creating a client, each with a sentence that says how to do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self

if TYPE_CHECKING:
    from collections.abc import Collection

_LOGIN = "credentials, such as ClientCredentials(client_id, client_secret)"
_INSTANCE = 'instance, such as "acme.halopsa.com"'
_MEANT = {
    "timeout": "deadline=30 for a whole call, or timeouts=Timeouts(read=30)",
    "retries": "with_options(retry='never') on a resource, since a client retries only what is safe to repeat",
    "max_retries": "with_options(retry='never') on a resource, since a client retries only what is safe to repeat",
    **dict.fromkeys(
        ("concurrency", "max_concurrency", "limit"),
        "rate_limit=RateLimit(…), or concurrency=… of an export, a bulk write or a fleet",
    ),
    "headers": "with_options(headers=…) on a resource or the client",
    "verify": "ssl=ssl.create_default_context(cafile=…), since certificates are always verified",
    "verify_ssl": "ssl=ssl.create_default_context(cafile=…), since certificates are always verified",
    **dict.fromkeys(
        ("client_id", "client_secret", "secret", "id", "key", "token", "auth", "api_key"), _LOGIN
    ),
    **dict.fromkeys(
        ("username", "password"), "credentials=PasswordCredentials(…) of halo_async.auth.credentials"
    ),
    **dict.fromkeys(("host", "url", "base_url", "api_url", "hostname", "domain", "server"), _INSTANCE),
}
"""By the name of an option that other clients have: what it is called here."""


class Guided:
    """A class whose constructor takes an instance and credentials."""

    if not TYPE_CHECKING:  # type checkers know what the constructor takes, and refuse a plain `with`

        def __new__(cls, *args: Any, **given: Any) -> Self:
            """As every class, or with a sentence on what is wrong."""
            wrong = _wrong(cls, args, given)
            if wrong:
                del args, given  # tracebacks show locals
                raise TypeError(wrong)
            return super().__new__(cls)

        def __enter__(self) -> NoReturn:
            raise TypeError(f"A client is asynchronous. Use `async with {type(self).__name__}(…) as halo`.")

        def __exit__(self, *error: object) -> None:
            """Python looks for it before it enters."""


def _wrong(cls: type[Any], args: tuple[Any, ...], given: dict[str, Any]) -> str:
    code = cls.__init__.__code__
    names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
    if names[:2] != ("instance", "credentials"):
        return ""  # a subclass with a constructor of its own
    name, there = cls.__name__, len(args) + sum(one in given for one in names[:2])
    if len(args) <= 2 <= there and given.keys() <= set(names):
        return _text_wanted(given)
    form = f"{name}(host, ClientCredentials(client_id, client_secret))"
    if len(args) > 2:
        return f"{name}() takes only the instance and the credentials by position. Use {form}."
    unknown = next((one for one in given if one not in names), None)
    if unknown is not None:
        return f"{name}() has no option {unknown!r}{_meant(unknown, names)}"
    return f"{name}() requires an instance and credentials. Use {form}, or {name}.from_env()."


def _text_wanted(given: dict[str, Any]) -> str:
    for name, example in (("scope", "read:tickets edit:tickets"), ("tenant", "acme")):
        if not isinstance(given.get(name, ""), str | None):
            return f'`{name}` must be one string. Use {name}="{example}".'
    return ""


def _meant(name: str, known: Collection[str]) -> str:
    from halo_async._utils.names import did_you_mean

    return f". Use {_MEANT[name]}." if name in _MEANT else did_you_mean(name, known) or "."
