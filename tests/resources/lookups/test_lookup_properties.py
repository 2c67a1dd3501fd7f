"""Whatever an instance's search does, a name gives the one row that has it, or an error that says why not."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given, settings

from halo_async._utils.names import normalise
from halo_async.api import Resources
from halo_async.errors import AmbiguousNameError, UnknownNameError
from halo_async.resources.lookups.resolve import resolve
from tests.support.calls_kit import Sender
from tests.support.examples import examples

SEARCHES = {
    "parts of names": lambda text, name: normalise(text) in normalise(name),
    "exactly": lambda text, name: text == name,
    "nothing": lambda text, name: False,
    "everything": lambda text, name: True,
    "beginnings": lambda text, name: name.startswith(text),
}
names = st.sampled_from(
    ["Acme", "acme", "ACME  Ltd", "Acme Ltd", "acme ltd", " Acme", "Beta", "Æther", "Ünit", "ss", "ß"]
)
LENGTH = 3


def instance(rows, search):
    """Serves GET /Client page by page, as an instance with some search does."""

    def handler(query):
        found = [
            row for row in rows if "search" not in query or SEARCHES[search](query["search"], row["name"])
        ]
        first = (int(query.get("page_no", 1)) - 1) * LENGTH
        page = found[first : first + LENGTH]
        return {"clients": page, "record_count": len(found) if page else 0}

    return Sender(handler)


def expected(rows, name):
    exact = {row["id"] for row in rows if row["name"] == name}
    return exact or {row["id"] for row in rows if normalise(row["name"]) == normalise(name)}


async def outcome(group, name):
    try:
        return {await resolve(group, "client", name, {})}
    except UnknownNameError:
        return set()
    except AmbiguousNameError as error:
        return {int(part.split(" ")[0].strip(",;")) for part in str(error).split("id ")[1:]}


@settings(max_examples=examples(150), deadline=None)
@given(
    st.lists(names, max_size=9), st.sampled_from(sorted(SEARCHES)), st.lists(names, min_size=1, max_size=4)
)
async def test_resolving_is_finding_the_name_in_the_whole_list(held, search, wanted):
    rows = [{"id": number, "name": name} for number, name in enumerate(held, 1)]
    sender = instance(rows, search)
    group = Resources(sender)
    for name in wanted:
        found, right = await outcome(group, name), expected(rows, name)
        alike = {row["id"] for row in rows if normalise(row["name"]) == normalise(name)}
        # A search that shows only some of those that are alike cannot tell that there are more.
        assert found == right or (found and found < alike and search in ("exactly", "beginnings"))
    pages = len(rows) // LENGTH + 1
    assert len(sender.requests) <= (len(set(wanted)) + 1) * pages
    asked = len(sender.requests)
    for name in wanted:
        await outcome(group, name)
    assert len(sender.requests) == asked
