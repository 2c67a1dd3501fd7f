"""Common mistakes in calls: the words of other libraries, and what they are called here."""

from __future__ import annotations

_OPTIONS = {
    "timeout": "with_options(timeout=…)",
    "deadline": "with_options(timeout=…)",
    "headers": "with_options(headers=…)",
    "params": "with_options(params=…)",
    "retry": "with_options(retry=…)",
    "retries": "with_options(retry='never')",
}
"""By the argument of a call that is not a parameter of the operation: where it is given."""
_PAGING = {
    "limit": "list(…).limit(…)",
    "max_rows": "list(…).limit(…)",
    "per_page": "page_size=…",
    "page": "page_no=…, or `async for`, which reads all pages",
    "sort": "order=…",
    "order_by": "order=…",
    "filter": "the filter's own name, such as open_only=True",
    "filters": "the filter's own name, such as open_only=True",
}
_VERBS = {
    **dict.fromkeys(("all", "filter", "find", "search", "query", "fetch_all", "get_all", "iter"), "list"),
    **dict.fromkeys(("add", "new", "insert", "post"), "create"),
    **dict.fromkeys(("edit", "patch", "put", "modify", "change", "set"), "update"),
    **dict.fromkeys(("remove", "destroy", "drop", "archive"), "delete"),
    **dict.fromkeys(("retrieve", "read", "fetch", "find_one", "one", "by_id", "get_by_id", "show"), "get"),
    **dict.fromkeys(("bulk", "bulk_create", "create_many", "bulk_update"), "bulk_upsert"),
}
"""By the method of other clients: what it is called here."""


def option_mend(name: str, known: frozenset[str]) -> str:
    """Return where an argument is given that is not a parameter; nothing where that is not known."""
    mend = _OPTIONS.get(name) or (_PAGING.get(name) if {"page_no", "pageinate"} & known else None)
    return f": use {mend}" if mend else ""


def operation_mend(name: str, resource: type[object]) -> str:
    """`": did you mean 'list'?"` for the method that is meant, or nothing."""
    from halo_async._utils.names import did_you_mean

    verb = _VERBS.get(name)
    if verb is not None and hasattr(resource, verb):
        return f": use {verb}()"
    public = [one for one in dir(resource) if not one.startswith("_")]
    return did_you_mean(name, public)
