"""A write that was not sent, shown as it would have been."""

from __future__ import annotations

import json

from halo_async.cli.output import print_json
from halo_async.cli.terminal import clean
from halo_async.transport.prepared_request import PreparedRequest


def show_prepared(prepared: PreparedRequest, *, as_json: bool) -> None:
    """Format request line, headers and body; with `as_json` one object, in which a JSON body stays JSON."""
    if as_json:
        print_json(_facts(prepared))
        return
    print(f"{prepared.method} {prepared.url}")
    for name, value in prepared.headers:
        print(f"{name}: {clean(value)}")
    if prepared.body:
        body = _body(prepared)
        print(
            "\n" + (clean(body) if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False))
        )


def _facts(prepared: PreparedRequest) -> dict[str, object]:
    headers = dict(prepared.headers)
    return {"method": prepared.method, "url": prepared.url, "headers": headers, "body": _body(prepared)}


def _body(prepared: PreparedRequest) -> object:
    if not prepared.body:
        return None
    try:
        return prepared.json()
    except ValueError:
        return prepared.body.decode("utf-8", "replace")
