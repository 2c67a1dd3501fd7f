"""Output of a request that a dry run prepared and did not send."""

from __future__ import annotations

import json

from halo_async.cli.output import clean
from halo_async.transport.prepared_request import PreparedRequest


def said_of(*, csv: bool = False, select: bool, limit: bool) -> str:
    """Return what is said beside a prepared request: that it was not sent, and which options say nothing of it."""
    given = {"--output csv": csv, "--select": select, "--limit": limit}
    *names, last = [name for name, is_given in given.items() if is_given] or [""]
    said = "dry run: nothing was sent"
    if last:
        said += f". {', '.join(names)} and {last} shape" if names else f". {last} shapes"
        said += " the response alone."
    return said


def show_prepared(prepared: PreparedRequest, form: str) -> None:
    """Format request line, headers and body; in a form of JSON one object, in which a JSON body stays JSON."""
    if form in ("json", "jsonl"):
        print(json.dumps(prepared_facts(prepared), indent=2 if form == "json" else None, ensure_ascii=False))
        return
    print(f"{prepared.method} {prepared.url}")
    for name, value in prepared.headers:
        print(f"{name}: {clean(value)}")
    if prepared.body:
        body = _decode_body(prepared)
        print(
            "\n" + (clean(body) if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False))
        )


def prepared_facts(prepared: PreparedRequest) -> dict[str, object]:
    """Return a prepared request as JSON has it; a JSON body stays JSON."""
    headers = dict(prepared.headers)
    return {
        "method": prepared.method,
        "url": prepared.url,
        "headers": headers,
        "body": _decode_body(prepared),
    }


def _decode_body(prepared: PreparedRequest) -> object:
    if not prepared.body:
        return None
    try:
        return prepared.json()
    except ValueError:
        return prepared.body.decode("utf-8", "replace")
