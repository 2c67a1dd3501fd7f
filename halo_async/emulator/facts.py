"""Behaviour of the emulator and its certainty: measured on live instances, likely, or a guess of ours.

``python -m halo_async.emulator.facts`` prints the table for the documentation.
"""

from __future__ import annotations

from typing import Literal

import attrs

Sure = Literal["measured", "likely", "guess"]


@attrs.frozen
class Fact:
    """One behaviour, its evidence, and its certainty."""

    area: str
    behaviour: str
    known_from: str
    sure: Sure


LIVE, CLIENTS, TEXT, OURS = "live instances", "several clients", "the document", "nothing: our choice"
HALO = "Halo's guides"
FACTS = (
    Fact("Login", "authinfo is anonymous; auth_url, tenant_id on hosted instances only", LIVE, "measured"),
    Fact("Login", "without a scope a token is issued and every call with it is 401", LIVE, "measured"),
    Fact("Login", "bad credentials: 401 invalid_client", CLIENTS, "likely"),
    Fact("Login", "wrong tenant: 500 with an empty body", CLIENTS, "likely"),
    Fact("Login", "no tenant in the token URL is accepted", OURS, "guess"),
    Fact(
        "Login", "password, authorization code with PKCE, refresh tokens, X-Halo-Api-Key", CLIENTS, "likely"
    ),
    Fact("Login", "refresh tokens rotate and come with the scope offline_access only", CLIENTS, "likely"),
    Fact("Login", "revoke_on_reuse: a spent refresh token that comes again ends its login", OURS, "guess"),
    Fact("Login", "actions need the tickets scope, sites the customers scope", LIVE, "measured"),
    Fact(
        "Login",
        "the scope area of other collections; configuration is readable with any scope",
        OURS,
        "guess",
    ),
    Fact("Login", "a call beyond its scopes is an empty 401", LIVE, "measured"),
    Fact("Paths", "paths match without case", LIVE, "measured"),
    Fact("Paths", "query names match without case; PUT and PATCH are 405", OURS, "guess"),
    Fact("Lists", "paging needs pageinate=true and a page_no; else 50 rows", LIVE, "measured"),
    Fact("Lists", "a page holds at most 100 rows, 50 on /Asset; record_count is the total", LIVE, "measured"),
    Fact("Lists", "past the end: no rows and record_count 0", LIVE, "measured"),
    Fact("Lists", "page_size in the envelope is what was asked, not what was given", OURS, "guess"),
    Fact(
        "Lists",
        "envelope keys, bare arrays, shapes that change with pageinate, ignored paging",
        LIVE,
        "measured",
    ),
    Fact("Lists", "lists of unknown shape are bare arrays", OURS, "guess"),
    Fact("Lists", "columns beside the rows of a grid, folders beside attachments", LIVE, "measured"),
    Fact("Lists", "/Feed gives page 1 for ever; count and older_than_id move on", LIVE, "measured"),
    Fact("Lists", "/CRMNote gives page 1 for ever; only count gives more rows", CLIENTS, "likely"),
    Fact("Lists", "orderdesc has to be the literal true", LIVE, "measured"),
    Fact("Lists", "tickets come newest update first, other collections by id", OURS, "guess"),
    Fact("Lists", "advanced_search: the meaning of its types", CLIENTS, "likely"),
    Fact("Lists", "advanced_search accepts id, and every other field of a row", OURS, "guess"),
    Fact("Lists", "unknown parameters are ignored", LIVE, "measured"),
    Fact(
        "Lists", "of a repeated name the first value counts; several ids stand in one text", CLIENTS, "likely"
    ),
    Fact("Lists", "a number or date that cannot be read: 400 ModelState; 1 is not a boolean", LIVE, "likely"),
    Fact("Lists", "a parameter that is a list is repeated; commas do as well", OURS, "guess"),
    Fact(
        "Lists",
        "behaviour: pages, order, id filter, several ids, inactive rows and the end otherwise",
        OURS,
        "guess",
    ),
    Fact("Rows", "behaviour: dates in another zone", OURS, "guess"),
    Fact("Limit", "behaviour: headers with the limit and its rest; gzip, br and zstd", OURS, "guess"),
    Fact("Lists", "startdate and enddate do nothing without datesearch", CLIENTS, "likely"),
    Fact("Lists", "a day without a time is its first moment, also as enddate", CLIENTS, "likely"),
    Fact(
        "Lists",
        "which declared filters act: equality with a field, search, dates, open_only and kin",
        OURS,
        "guess",
    ),
    Fact(
        "Lists",
        "inactive, disabled and API-only rows are left out unless includeinactive, includedisabled, "
        "includeapiagents, showinactive or showdisabled is true; here two agents, and those that were written so",
        TEXT,
        "guess",
    ),
    Fact(
        "Lists",
        "unfiltered /Actions of more than 20,000 tickets: 504, at once and not after a minute",
        LIVE,
        "likely",
    ),
    Fact("Lists", "/Invoice/lines without client_id: 400 with a JSON string", LIVE, "measured"),
    Fact("Lists", "/AssetChange and /AssetSoftware without their filter: the same", OURS, "guess"),
    Fact("Rows", "nulls are left out; rows carry fields newer than the schema", LIVE, "measured"),
    Fact("Rows", "dates have no zone and 0 to 7 digits without trailing zeros", LIVE, "measured"),
    Fact(
        "Rows", "ids of actions, lookups, timesheets and type fields count within a parent", LIVE, "measured"
    ),
    Fact("Rows", "the names of the newer fields, and every value", OURS, "guess"),
    Fact("Writes", "an array of one returns 201 with an object, of many with an array", LIVE, "measured"),
    Fact("Writes", "POST /Actions returns the last action only, unless returnall=true", CLIENTS, "likely"),
    Fact("Writes", "a new action dates its ticket; an edited or deleted one does not", OURS, "guess"),
    Fact(
        "Writes", "id present updates the fields given; absent, null, 0 or negative creates", LIVE, "measured"
    ),
    Fact("Writes", "an unknown id: 400 with a serialised System.Exception", OURS, "guess"),
    Fact("Writes", "elements before a refused one stay written", OURS, "guess"),
    Fact(
        "Writes", "wrong types: 400 ModelState with the element's index; nothing is written", LIVE, "measured"
    ),
    Fact("Writes", "95.0 for an integer is refused as a wrong type", CLIENTS, "measured"),
    Fact("Writes", "numbers as text are taken; unknown fields are kept", OURS, "guess"),
    Fact(
        "Writes",
        "one object in place of an array, and POST to one object's path, are taken",
        CLIENTS,
        "likely",
    ),
    Fact("Writes", "customfields are written one by one, by id or by name", CLIENTS, "likely"),
    Fact("Writes", "an asset's fields are replaced as a whole", "one public client's report", "likely"),
    Fact("Rows", "FieldInfo's typeid: 1 tickets, 2 clients, 3 sites, 5 assets", CLIENTS, "likely"),
    Fact("Rows", "FieldInfo's usage is the number of its typeid; 4 is users", OURS, "guess"),
    Fact("Writes", "DELETE returns the object; DELETE of an action needs ticket_id", LIVE, "measured"),
    Fact("Writes", "tickets are soft-deleted: deleted=true lists them, _recover restores", LIVE, "measured"),
    Fact("Writes", "a POST that is not a collection returns its body", OURS, "guess"),
    Fact(
        "Files",
        "attachments go up as base64 and come down as raw bytes with Content-Disposition",
        LIVE,
        "measured",
    ),
    Fact(
        "Reports",
        "report.rows is cut at 50,000; a bad query is a 200 with report.load_error",
        LIVE,
        "measured",
    ),
    Fact(
        "Files",
        "parts of a file and ETags, both of which can be turned off; the responses of the presigned operations",
        OURS,
        "guess",
    ),
    Fact("Reports", "a saved report's columns name the types of the database", TEXT, "guess"),
    Fact("Webhooks", "the fields of an event; the name of a changed status, in lower case", LIVE, "measured"),
    Fact("Webhooks", "payloads: full objects, key fields only, event information only", HALO, "measured"),
    Fact("Webhooks", "the names of other events, where an action stands, the key fields", OURS, "guess"),
    Fact("Webhooks", "a batch is an array, or an object with events", OURS, "guess"),
    Fact("Webhooks", "a refused delivery is not repeated; the response is in /WebhookEvent", OURS, "guess"),
    Fact("Errors", "401, 403, 404 and 500 have empty bodies; 415 for another content type", LIVE, "measured"),
    Fact("Limit", "429 with Halo's sentence, no Retry-After, a rolling window", LIVE, "measured"),
    Fact(
        "Limit",
        "refused calls, logins and the document do not count; the sentence is plain text",
        OURS,
        "guess",
    ),
    Fact(
        "Proxies",
        "without a data type: 400 with a JSON string; SAML metadata is XML; some return 302",
        LIVE,
        "measured",
    ),
    Fact("Proxies", "the names of the parameters that go on", TEXT, "measured"),
    Fact("Proxies", "what a page looks like and where the cursor stands", OURS, "guess"),
    Fact("Document", "the dialects of 2024 and 2026, a byte order mark", LIVE, "measured"),
    Fact(
        "Document", "as_of: a release's operations, parameters, stated responses and errors", TEXT, "measured"
    ),
    Fact(
        "Paths", "what a release does not have is an empty 404; a path's other methods are 405", OURS, "guess"
    ),
    Fact("Writes", "before 2026-09, whose document states 201, a write returns 200", OURS, "guess"),
    Fact("Lists", "as of 2026-09 columns stand beside rows where the document states them", TEXT, "likely"),
    Fact("Writes", "HaloIntegration creates the ticket or the action that it is sent", OURS, "guess"),
)


def table() -> str:
    """Return the facts as a Markdown table."""
    rows = [f"| {fact.area} | {fact.behaviour} | {fact.known_from} | {fact.sure} |" for fact in FACTS]
    return "\n".join(["| Area | Behaviour | Known from | How sure |", "|---|---|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    print(table(), end="")
