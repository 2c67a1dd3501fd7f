"""Responses sent in place of the requested one: statuses, login pages, redirects, odd tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Any

from halo_async.emulator.faults.fault import Fault
from halo_async.emulator.reply import Reply, empty, json_reply, text_reply

HTML = "text/html; charset=utf-8"
LOGIN_PAGE = (
    "<!doctype html><html><head><title>Log in</title></head>"
    "<body><form action='/auth/login'></form></body></html>"
)
TOO_MANY = "Rate Limit Reached - 300 Requests per rolling 5 minute window"


def status(code: int) -> Callable[[Fault], Reply]:
    """Return an empty response with a status; the option ``status`` overrides it."""
    return lambda fault: empty(int(fault.option("status", code)))


def _login_page(fault: Fault) -> Reply:
    return text_reply(LOGIN_PAGE, 200, HTML)


def _bad_gateway(fault: Fault) -> Reply:
    code = int(fault.option("status", 502))
    return text_reply(f"<html><body><h1>{code} Bad Gateway</h1></body></html>", code, HTML)


def _throttled(fault: Fault, retry_after: object) -> Reply:
    reply = text_reply(TOO_MANY, 429)
    if retry_after is not None:
        reply.headers["Retry-After"] = str(retry_after)
    return reply


def _seconds(fault: Fault) -> Reply:
    return _throttled(fault, fault.option("retry_after", 3))


def _shift_date(offset: float) -> Callable[[Fault], Reply]:
    def made(fault: Fault) -> Reply:
        # The option ``now`` is the server's own clock, which may be wrong: it is in Date as well.
        now = float(fault.option("now", 1_767_225_600))
        reply = _throttled(fault, formatdate(now + float(fault.option("seconds", offset)), usegmt=True))
        reply.headers["Date"] = formatdate(now, usegmt=True)
        return reply

    return made


def _garbage(fault: Fault) -> Reply:
    return _throttled(fault, fault.option("retry_after", "soon"))


def _bare(fault: Fault) -> Reply:
    return _throttled(fault, None)


def _token(changes: Mapping[str, Any], *, drop: tuple[str, ...] = ()) -> Callable[[Fault], Reply]:
    def made(fault: Fault) -> Reply:
        fields: dict[str, Any] = {
            "access_token": "odd-token",
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": "all",
        }
        fields.update(changes)
        fields.update(fault.options)
        return json_reply({name: value for name, value in fields.items() if name not in drop})

    return made


def _redirect(code: int) -> Callable[[Fault], Reply]:
    def made(fault: Fault) -> Reply:
        target = str(fault.option("location", "/portal/login"))
        return Reply(int(fault.option("status", code)), headers={"Location": target})

    return made


def _unusual(code: int, body: str = "") -> Callable[[Fault], Reply]:
    return lambda fault: text_reply(body, int(fault.option("status", code)))


FAULTS: dict[str, dict[str, Callable[[Fault], Reply]]] = {
    "F09": {"login_page": _login_page, "bad_gateway": _bad_gateway},
    "F14": {"unauthorized": status(401)},
    "F15": {"unauthorized": status(401)},
    "F18": {"no_permission": status(401), "forbidden": status(403)},
    "F19": {"error": status(500), "html": _login_page, "throttled": _bare, "bad_gateway": _bad_gateway},
    "F21": {
        "no_expiry": _token({}, drop=("expires_in",)),
        "text_expiry": _token({"expires_in": "3600"}),
        "zero": _token({"expires_in": 0}),
        "negative": _token({"expires_in": -5}),
        "absurd": _token({"expires_in": 10**12}),
        "extra_fields": _token({"id_token": "x", "resource": [1]}),
        "no_token": _token({}, drop=("access_token",)),
    },
    "F23": {"seconds": _seconds},
    "F24": {
        "date": _shift_date(3),
        "past": _shift_date(-60),
        "year": _shift_date(366 * 86_400),
        "garbage": _garbage,
        "negative": lambda fault: _throttled(fault, -1),
        "nan": lambda fault: _throttled(fault, "NaN"),
        "infinite": lambda fault: _throttled(fault, "Infinity"),
    },
    "F25": {"bare": _bare},
    "F27": {
        "500": status(500),
        "502": _bad_gateway,
        "503": status(503),
        "504": status(504),
        "408": status(408),
    },
    "F40": {"302": _redirect(302), "301": _redirect(301), "307": _redirect(307), "308": _redirect(308)},
    "F52": {
        "299": _unusual(299, "[]"),
        "599": _unusual(599),
        "206": _unusual(206, "[1]"),
        "204": status(204),
    },
    "F53": {"407": status(407)},
}
