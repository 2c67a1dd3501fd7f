"""Rows of a list that has fewer fields than the whole record: what only that has is an error with the mend."""

from __future__ import annotations

import copy
import pickle
from operator import attrgetter
from unittest.mock import Mock

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async import ClientCredentials, Halo, models
from halo_async.records.record import Record, asdict, changes, is_set, replace, wrap
from halo_async.records.struct_rows import let_read_rows
from halo_async.records.summary import LackingField, SummaryRecord
from tests.support.rows_kit import over_rows

NAMES = [name for name in models.RECORDS if issubclass(getattr(models, name), SummaryRecord)]
READ = "List rows lack it. Read the whole record: await halo.tickets.get(row.id, includedetails=True)."
SENTENCE = f"TicketSummary has no field 'details_html'. {READ}"
KINDS = ["dict", "row"]


def rows_of(kind: str, *found: dict[str, object], cls: type[Record] | None = None) -> list[Record]:
    """Records over dicts, or over rows of one shape."""
    made = type("Made", (cls or models.TicketSummary,), {})  # rows leave fields on their class
    return over_rows(made, list(found)) if kind == "row" else [wrap(made, each) for each in found]


@pytest.fixture
def row() -> models.TicketSummary:
    return wrap(models.TicketSummary, {"id": 7, "summary": "x"})


def lacking(name: str) -> set[str]:
    return set(getattr(models, name).__halo_full__[-1].split())


def test_fields_that_only_the_whole_record_has_are_known_for_every_list_of_shorter_rows():
    assert len(NAMES) >= 15
    assert {"TicketSummary", "AgentSummary", "UserSummary", "AssetSummary", "SiteSummary"} <= set(NAMES)
    for name in NAMES:
        row, full = getattr(models, name), getattr(models, getattr(models, name).__halo_full__[0])
        assert lacking(name) == full.__halo_fields__.keys() - row.__halo_fields__.keys() - {"custom"}


@pytest.mark.parametrize("name", NAMES)
def test_reading_any_field_that_only_the_whole_record_has_says_how_to_get_it(name):
    row = wrap(getattr(models, name), {})
    for field in lacking(name):
        assert not hasattr(row, field)
        assert not hasattr(type(row), field)
        assert not hasattr(Record, field)
        with pytest.raises(AttributeError) as caught:
            getattr(row, field)
        assert str(caught.value).startswith(f"{name} has no field {field!r}. List rows lack it. ")
        assert (caught.value.name, caught.value.obj) == (field, None)  # or Python adds a name that is alike


async def test_the_calls_that_the_errors_name_exist():
    halo = Halo("acme.halopsa.com", ClientCredentials("id", "secret"))
    for name in NAMES:
        _, read, update, _ = getattr(models, name).__halo_full__
        for path in filter(None, (read.partition("(")[0], update)):
            assert callable(attrgetter(path.removeprefix("halo."))(halo))


def test_the_sentence_names_the_resource_that_the_record_is_named_after(row):
    with pytest.raises(AttributeError) as caught:
        row.details_html  # noqa: B018
    assert str(caught.value) == SENTENCE


def test_without_a_call_that_reads_it_the_whole_record_is_named():
    with pytest.raises(
        AttributeError, match=r"^AttachmentSummary has no field 'data'. List rows lack it\. Only "
    ):
        wrap(models.AttachmentSummary, {}).data  # noqa: B018
    with pytest.raises(TypeError, match=r"Use Attachment\(data=…\)\.$"):
        models.AttachmentSummary(data="x")


def test_setting_such_a_field_says_how_it_is_set(row):
    told = r"^TicketSummary has no field 'details_html'. List rows lack it\. "
    with pytest.raises(AttributeError, match=f"{told}Set it by itself: await halo.tickets.update"):
        row.details_html = "x"
    with pytest.raises(
        TypeError, match=rf"{told}Set it by itself: await halo.tickets.update\(row.id, details_html"
    ):
        replace(row, details_html="x")
    with pytest.raises(TypeError, match=rf"{told}Use Ticket\(details_html=…\)\.$"):
        models.TicketSummary(details_html="x")
    assert not changes(row)
    with pytest.raises(AttributeError):
        del row.details_html


def test_a_name_that_no_record_has_is_the_error_that_it_was(row):
    with pytest.raises(AttributeError, match=r"^'TicketSummary' object has no attribute 'nobody_has_it'$"):
        row.nobody_has_it  # noqa: B018
    with pytest.raises(AttributeError, match="Did you mean 'summary'"):
        row.sumary = "x"


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_that_an_instance_sends_all_the_same_is_read(kind):
    with_it, without = rows_of(kind, {"id": 1, "details_html": "<p>"}, {"id": 2})
    assert with_it.details_html == with_it["details_html"] == "<p>"
    assert "details_html" in with_it
    assert is_set(with_it, "details_html")
    assert "details_html" in dir(with_it)
    assert not hasattr(without, "details_html")
    with pytest.raises(AttributeError, match=r"^Made has no field 'details_html'. List rows lack it\. Read "):
        without.details_html  # noqa: B018
    assert "details_html" not in without
    assert "details_html" not in dir(without)
    with pytest.raises(KeyError):
        without["details_html"]
    without["details_html"] = "later"
    assert without.details_html == "later"
    assert changes(without) == {"details_html": "later"}
    del without.details_html
    assert not hasattr(without, "details_html")


@given(
    st.dictionaries(
        st.sampled_from([*sorted(lacking("TicketSummary"))[:40], "id", "newer"]), st.integers(), min_size=1
    )
)
def test_whatever_came_is_read_from_dicts_and_rows_alike(found):
    for kind in KINDS:
        (row,) = rows_of(kind, found)
        assert {name: getattr(row, name) for name in found} == found == asdict(row)
        assert pickle.loads(pickle.dumps(wrap(models.TicketSummary, asdict(row)))) == wrap(
            models.TicketSummary, found
        )


def test_only_what_a_row_has_is_listed_compared_copied_and_matched(row):
    absent = lacking("TicketSummary")
    for shown in (dir(row), dir(models.TicketSummary), dir(Mock(spec=models.TicketSummary)), vars(row)):
        assert absent.isdisjoint(shown)
        assert "summary" in shown
    assert absent.isdisjoint(field.name for field in attrs.fields(models.TicketSummary))
    assert {"id", "summary", "custom", "agent_id"} <= set(dir(row))
    for other in (
        copy.copy(row),
        copy.deepcopy(row),
        pickle.loads(pickle.dumps(row)),
        wrap(type(row), asdict(row)),
    ):
        assert other == row
        assert asdict(other) == {"id": 7, "summary": "x"}
        assert not hasattr(other, "details_html")
    match row:
        case models.TicketSummary(details_html=_):
            pytest.fail("a row has no such field")
        case models.TicketSummary(summary=found):
            assert found == "x"


def test_a_class_of_a_user_may_have_the_field_itself_or_from_a_mixin_behind():
    class Own(models.TicketSummary):
        details_html: str | None = None

    class Mixin:
        details_html = "mixin"

        @property
        def email_start_tag(self) -> str:
            return "property"

    class Mixed(models.TicketSummary, Mixin):
        pass

    assert wrap(Own, {}).details_html is None
    assert Own(details_html="x").details_html == "x"
    assert {"details_html"} <= set(dir(Own)) & set(dir(wrap(Own, {})))
    assert (wrap(Mixed, {}).details_html, wrap(Mixed, {}).email_start_tag) == ("mixin", "property")
    assert {"details_html", "email_start_tag"} <= set(dir(wrap(Mixed, {})))
    assert let_read_rows(Mixed, ("id", "details_html"))
    (over_row,) = over_rows(Mixed, [{"id": 1}], ("id", "details_html"))
    assert over_row.details_html == "mixin"


def test_plain_reads_of_a_row_cost_nothing_for_it():
    for name in NAMES:
        cls = getattr(models, name)
        assert cls.__getattribute__ is object.__getattribute__
        assert not hasattr(cls, "__getattr__")
        assert not any(hasattr(LackingField, special) for special in ("__set__", "__delete__"))
