"""The view as a mapping: whatever is set and read, it behaves as a dict of the fields would."""

from __future__ import annotations

import copy
import json
import pickle

import hypothesis.strategies as st
from hypothesis import given, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from halo_async import asdict, changes, models, wrap
from halo_async._utils.names import match_names, normalise
from halo_async.custom_fields.view import CustomFields
from halo_async.errors import AmbiguousNameError
from tests.support.examples import examples

NAMES = ("Asset tag", "Root cause", "Go live", "CFx", "Ünïcode ß", " spaced  out ", "_", "a.b")
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
names = st.sampled_from(NAMES)


def variants(name):
    """A name as people write it: other case, other spaces."""
    words = name.split() or [name]
    return [name, name.upper(), f"  {'   '.join(words)} ", name.swapcase()]


class ViewMachine(RuleBasedStateMachine):
    """A ticket that brought some fields, beside a dict that is told the same."""

    def __init__(self):
        super().__init__()
        brought = NAMES[:4]
        entries = [
            {"id": 100 + place, "name": f"CF{place}", "label": name, "value": place, "extra": 2**70}
            for place, name in enumerate(brought)
        ]
        self.ticket = wrap(models.Ticket, {"id": 1, "summary": "x", "customfields": entries})
        self.model = {name: place for place, name in enumerate(brought)}
        self.set = {}
        self.labels = {f"CF{place}": name for place, name in enumerate(brought)}

    def known(self, written):
        return next((name for name in self.model if normalise(name) == normalise(written)), None)

    @rule(name=names, how=st.integers(0, 3), value=values)
    def put(self, name, how, value):
        written = variants(name)[how]
        key = self.known(written) or written
        self.ticket.custom[written] = value
        self.model[key] = self.set[key] = value

    @rule(name=names, how=st.integers(0, 3))
    def read(self, name, how):
        written = variants(name)[how]
        key = self.known(written)
        assert (written in self.ticket.custom) == (key is not None)
        assert self.ticket.custom.get(written, "nothing") == (self.model[key] if key else "nothing")

    @rule(how=st.sampled_from([copy.copy, lambda record: pickle.loads(pickle.dumps(record))]))
    def take_a_copy(self, how):
        self.ticket = how(self.ticket)

    @rule()
    def touch_the_records(self):
        assert len(self.ticket.customfields) == len(self.model)

    @invariant()
    def it_is_the_dict(self):
        custom = self.ticket.custom
        assert dict(custom) == self.model
        assert list(custom) == list(self.model)
        assert len(custom) == len(self.model)
        assert custom == CustomFields(self.ticket)
        assert repr(custom).startswith("<CustomFields of Ticket {")

    @invariant()
    def only_what_was_set_is_a_change(self):
        sent = {entry["name"]: entry for entry in changes(self.ticket).get("customfields", ())}
        assert {self.labels.get(name, name): entry["value"] for name, entry in sent.items()} == self.set
        assert all(entry.keys() <= {"id", "name", "value"} for entry in sent.values())
        assert changes(self.ticket).keys() <= {"customfields"}

    @invariant()
    def nothing_that_came_is_lost(self):
        kept = asdict(self.ticket)["customfields"][:4]
        assert [entry["extra"] for entry in kept] == [2**70] * 4
        json.dumps(kept)


TestView = ViewMachine.TestCase
TestView.settings = settings(max_examples=examples(40), stateful_step_count=15, deadline=None)

entry = st.fixed_dictionaries(
    {},
    optional={
        "id": st.integers(1, 6),
        "name": st.sampled_from(["CFa", "CFb", "cfA", "", None]),
        "label": st.sampled_from(["A", "a", "B", "CFa", None, 5]),
        "value": values,
    },
)


@given(
    st.lists(entry | st.sampled_from([None, "odd", 7]), max_size=6),
    st.sampled_from(["A", "a", "CFA", "b", 3]),
)
def test_whatever_came_reading_never_fails_otherwise_than_it_says(entries, name):
    ticket = wrap(models.Ticket, {"id": 1, "customfields": entries})
    before = json.dumps(entries)
    custom = ticket.custom
    assert len(list(custom)) == len(custom)
    assert repr(custom)
    assert all(key in custom and custom[key] is value for key, value in custom.items())
    try:
        value = custom[name]
    except AmbiguousNameError:
        assert name in custom
    except KeyError:
        assert name not in custom
        assert custom.get(name, "nothing") == "nothing"
    else:
        assert any(isinstance(each, dict) and each.get("value") == value for each in entries)
    assert json.dumps(ticket.__dict__["customfields"]) == before
    assert changes(ticket) == {}


@given(st.text(max_size=12), st.lists(st.text(max_size=12), max_size=8))
def test_a_name_means_what_is_written_so_and_else_what_differs_in_case_and_spaces_only(name, known):
    found = match_names(name, known, lambda each: [each])
    if name in known:
        assert set(found) == {name}
    else:
        assert found == [each for each in known if normalise(each) == normalise(name)]
    assert all(each in found for each in known if each == name)
