"""Advice for answers that say little: Halo's 401, 403, 404 and 500 have empty bodies."""

from __future__ import annotations

from urllib.parse import urlsplit

from halo_async.transport.values import Request, Response

_SCOPES = {
    "tickets": "tickets actions tickettype status priority sla feedback ticketapproval workday",
    "customers": "client site users toplevel customer",
    "calendar": "appointment calendar",
    "crm": "crmnote",
    "contracts": "clientcontract suppliercontract contractschedule",
    "suppliers": "supplier",
    "items": "item itemstock stocktake",
    "projects": "projects",
    "sales": "opportunities",
    "quotes": "quotation",
    "sos": "salesorder",
    "pos": "purchaseorder",
    "invoices": "invoice recurringinvoice invoicepayment",
    "reporting": "report",
    "software": "assetsoftware",
    "softwarelicensing": "softwarelicence",
    "kb": "kbarticle faqlists",
    "assets": "asset assettype assetgroup",
    "timesheets": "timesheet timesheetevent",
}
_SCOPE_OF = {resource: scope for scope, resources in _SCOPES.items() for resource in resources.split()}


def hint(request: Request, response: Response, said: str, scope: str = "", doubt: str = "") -> str:
    """A sentence that helps, or nothing. `scope` is what the login was given; `doubt`: see `Token`."""
    status = response.status
    if status in (401, 403):
        return _permission(request, said, scope, doubt if status == 401 else "")
    if 300 <= status < 400:
        return _redirect(response)
    if status in (502, 504) and request.method == "POST":
        return "the write may have happened all the same: read it back before repeating it"
    if said:
        return ""
    return _SILENT.get(status, "")


_SILENT = {
    400: "Halo gave no reason",
    404: "no such record or path, or one that the agent may not see",
    415: "the body's content type is not accepted",
    429: "the quota is used up",
    500: "Halo gave no reason; a wrong type or a missing parameter can be one",
    504: "the gateway gave up waiting: ask for less",
}


def _permission(request: Request, said: str, granted: str, doubt: str) -> str:
    wanted = probable_scope(request.method, request.path)
    missing = f"the scope {wanted}" if wanted else "a scope"
    have = f" (the login has: {granted})" if granted else ""
    fine = "" if doubt else " and a token that is fine"
    silent = "" if said else f"with an empty body{fine}: "
    either = f"either {doubt + ', or ' if doubt else ''}the API application lacks {missing}{have}"
    return f"{silent}{either}, or the role of its agent does not allow this"


def probable_scope(method: str, path: str) -> str:
    """The scope that a call most likely needs, such as `read:tickets`; empty if unknown."""
    resource = path.strip("/").split("/", 1)[0].lower()
    scope = _SCOPE_OF.get(resource)
    if scope is None:
        return ""
    return f"{'read' if method == 'GET' else 'edit'}:{scope}"


def _redirect(response: Response) -> str:
    host = urlsplit(response.headers.get("Location", "")).hostname
    to = f" to {host}" if host else ""
    return f"a redirect{to}, not followed: Halo sends them instead of 401 or 404, and old host names do"
