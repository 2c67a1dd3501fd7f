"""The framework-free side: credentials, charsets, single and batched deliveries."""

from __future__ import annotations

import base64
import gzip
import json
import pickle
import subprocess
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async import SettingsError, asdict, models, webhooks
from halo_async.webhooks import Event, WebhookError, WebhookUnauthorizedError
from halo_async.webhooks.event import BATCHES
from tests.support.examples import examples

USER, PASSWORD = "halo", "c0rrect:horse:battery"
# As one live instance sent it, shortened.
CHANGED = {
    "id": "8e25bc7b-0000-4102-9398-5d6647e1e79d",
    "webhook_id": "53232637-0000-4a19-b126-3c7267a292aa",
    "notification_id": 41,
    "event": "ticket status changed",
    "message": "The status has been changed for Ticket ID: 0004242.",
    "object_id": 4242,
    "agent_id": 3,
    "timestamp": "2026-09-25T06:41:08.7895915Z",
    "ticket": {"id": 4242, "summary": "Printer", "status_id": 9, "customfields": [{"id": 1, "name": "CFx"}]},
}


def basic(user: str = USER, password: str = PASSWORD, charset: str = "utf-8") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode(charset)).decode()}


def receive(value: object, headers: object = None, **options: object):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    settings = {"username": USER, "password": PASSWORD} | options
    return webhooks.receive(basic() if headers is None else headers, body, **settings)


def refused(value: object, *args: object, **options: object) -> WebhookError:
    with pytest.raises(WebhookError) as caught:
        receive(value, *args, **options)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_delivery_gives_a_typed_event():
    (event,) = receive(CHANGED)
    assert (event.name, event.id, event.object_id) == ("ticket status changed", CHANGED["id"], 4242)
    assert event.timestamp == datetime(2026, 9, 25, 6, 41, 8, 789591, UTC)
    assert event.webhook_id == CHANGED["webhook_id"]
    assert event.message == CHANGED["message"]
    assert isinstance(event.ticket, models.Ticket)
    assert event.ticket.status_id == 9
    assert event.action is None
    assert event.raw == CHANGED


def test_an_action_comes_as_its_record():
    (event,) = receive({**CHANGED, "action": {"id": 3, "ticket_id": 4242, "note": "Done"}})
    assert isinstance(event.action, models.Action)
    assert (event.action.id, event.action.note) == (3, "Done")


def test_what_is_unknown_or_of_the_wrong_type_is_kept():
    odd = {"id": 7, "timestamp": "soon", "ticket": "4242", "object_id": "x", "event": None, "new": [1]}
    (event,) = receive(odd)
    assert (event.id, event.timestamp, event.ticket, event.object_id, event.name) == (None,) * 5
    assert event.raw == odd


def test_big_numbers_stay_exact():
    text = b'{"object_id": 36893488147419103232, "ticket": {"id": 36893488147419103233}}'
    (event,) = receive(text)
    assert event.object_id == 2**65
    assert event.ticket is not None
    assert event.ticket.id == 2**65 + 1


def test_using_the_ticket_changes_nothing_in_raw():
    (event,) = receive({**CHANGED, "ticket": {"id": 1, "customfields": [{"id": 1}], "user": {"id": 2}}})
    assert event.ticket is not None
    event.ticket.summary = "Changed"
    assert event.ticket.customfields[0].id == 1
    assert msgspec.json.decode(msgspec.json.encode(event.raw)) == event.raw
    assert "summary" not in event.raw["ticket"]
    assert asdict(event.ticket)["summary"] == "Changed"


@pytest.mark.parametrize(
    "shape",
    [
        lambda events: events,
        *(lambda events, key=key: {key: events} for key in ("events", "deliveries", "data")),
    ],
)
def test_a_batch_is_as_many_events_in_order(shape):
    batch = [{**CHANGED, "object_id": number} for number in range(5)]
    assert [event.object_id for event in receive(shape(batch))] == [0, 1, 2, 3, 4]


def test_an_event_of_a_batch_takes_from_the_envelope_what_it_leaves_out_but_never_its_id():
    envelope = {
        "id": "e",
        "event": "new ticket logged",
        "webhook_id": "w",
        "timestamp": "2026-01-01T00:00:00",
    }
    (event,) = receive({**envelope, "events": [{"object_id": 5}]})
    assert (event.name, event.webhook_id, event.id) == ("new ticket logged", "w", None)
    assert event.timestamp == datetime(2026, 1, 1, tzinfo=UTC)


def test_an_event_with_a_list_of_its_own_is_one_event():
    (event,) = receive({**CHANGED, "events": [{"object_id": 1}]})
    assert event.object_id == 4242


def test_no_events_are_none():
    assert receive([]) == ()


def test_a_payload_of_your_own_is_unpacked_by_a_function_of_yours():
    def unpack(value):
        return [{"event": value["what"], "ticket": ticket} for ticket in value["rows"]]

    events = receive({"what": "closed", "rows": [{"id": 1}, {"id": 2}]}, unpack=unpack)
    assert [(event.name, event.ticket.id) for event in events] == [("closed", 1), ("closed", 2)]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic aGFsbw"},
        {"Authorization": "Bearer " + basic()["Authorization"][6:]},
        {"Authorization": basic()["Authorization"][6:]},
        {"Authorization": "Basic é"},
        basic(password="wrong"),
        basic(user="Halo"),
        basic(password=PASSWORD + " "),
        basic(password=PASSWORD[:-1]),
        basic(password=""),
        [
            ("Authorization", basic()["Authorization"]),
            ("Authorization", basic(password="wrong")["Authorization"]),
        ],
    ],
)
def test_anything_but_the_right_credentials_is_a_401_with_a_challenge(headers):
    error = refused(CHANGED, headers)
    assert isinstance(error, WebhookUnauthorizedError)
    assert error.status == 401
    assert error.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "headers",
    [
        basic(),
        {"authorization": basic()["Authorization"].replace("Basic", "basic")},
        {"AUTHORIZATION": basic()["Authorization"].replace("Basic ", "BASIC   ") + " "},
        [(b"authorization", basic()["Authorization"].encode())],
    ],
)
def test_the_right_credentials_are_taken_however_they_are_spelt(headers):
    assert len(receive(CHANGED, headers)) == 1


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_a_password_beyond_ascii_may_come_in_either_charset(charset):
    headers = basic("größe", "pässwörd:", charset)
    assert len(receive(CHANGED, headers, username="größe", password="pässwörd:")) == 1


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_other_user_and_password_pass(user, password):
    if f"{user}:{password}" != f"{USER}:{PASSWORD}":
        encoded = base64.b64encode(f"{user}:{password}".encode("utf-8", "surrogatepass")).decode()
        assert refused(CHANGED, {"Authorization": f"Basic {encoded}"}).status == 401


@given(st.text(max_size=60))
def test_no_header_makes_it_fail_otherwise(header):
    assert refused(CHANGED, {"Authorization": header}).status == 401


def test_without_authentication_anybody_may_send_and_it_has_to_be_said():
    assert len(receive(CHANGED, {}, username=None, password=None)) == 1
    for half in (
        {"username": None},
        {"password": None},
        {"password": ""},
        {"username": ""},
        {"username": "a:b"},
    ):
        with pytest.raises(SettingsError):
            receive(CHANGED, **half)


def test_credentials_are_looked_at_before_the_body():
    assert refused(b"no json", {}).status == 401


@pytest.mark.parametrize(
    "charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
)
def test_charsets_and_byte_order_marks_are_understood(charset):
    body = json.dumps({**CHANGED, "message": "Größe"}, ensure_ascii=False).encode(charset)
    announced = "utf-8" if charset == "utf-8-sig" else charset
    headers = basic() | {"Content-Type": f"application/json; charset={announced}"}
    assert receive(body, headers)[0].message == "Größe"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1", b"<html>", b"\xff\xfe\xff", b"NaN", b'{"a": 1} x', b'{"a": "\xe9"}']
)
def test_a_body_that_is_no_json_is_a_400(body):
    assert refused(body).status == 400


@pytest.mark.parametrize("value", [1, "text", None, True, [1], [CHANGED, "x"], {"events": [1]}])
def test_json_that_is_no_delivery_is_a_400(value):
    assert refused(value).status == 400


@pytest.mark.parametrize(
    "kind", ["text/html", "multipart/form-data; boundary=x", "application/json; charset=klingon"]
)
def test_another_kind_of_content_is_a_400(kind):
    assert refused(CHANGED, basic() | {"Content-Type": kind}).status == 400


@pytest.mark.parametrize(
    "kind", ["application/json", "text/json", "application/vnd.halo+json", "Application/JSON; charset"]
)
def test_json_by_other_names_is_taken(kind):
    assert len(receive(CHANGED, basic() | {"content-type": kind})) == 1


def test_a_compressed_body_says_so():
    assert "compressed" in str(refused(gzip.compress(b"{}")))


def test_deep_nesting_is_a_400():
    assert refused(b"[" * 100_000 + b"]" * 100_000).status == 400


def test_a_body_above_the_cap_is_a_413():
    assert refused(CHANGED, max_bytes=100).status == 413


@given(st.binary(max_size=200))
def test_any_bytes_are_events_or_a_400(body):
    try:
        assert all(isinstance(event, Event) for event in receive(body))
    except WebhookError as error:
        assert error.status == 400


def test_errors_pickle():
    for error in (refused(b""), refused(CHANGED, {})):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), again.status) == (type(error), str(error), error.status)


def everything(error: BaseException) -> str:
    """The traceback with the locals of every frame of ours."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in told.stack if "halo_async" in frame.filename]
    return str(error) + repr(error) + "".join(f"{frame.locals}" for frame in ours)


@pytest.mark.parametrize("wrong", [{"username": "a:b"}, {"username": None}, {"username": ""}, {}])
def test_the_password_is_in_no_frame_and_no_message(wrong):
    canary = "canary-4711"
    with pytest.raises((SettingsError, WebhookError)) as caught:
        webhooks.receive({}, b"x", **{"username": "halo", "password": canary} | wrong)
    assert caught.tb is not None
    assert canary not in everything(caught.value)


def test_what_was_sent_is_in_no_message():
    canary = "canary-4711"
    error = refused(canary.encode(), basic())
    assert canary not in str(error)
    assert error.__cause__ is None


@pytest.mark.parametrize("depth", [100, 300, 900, 3000])
@pytest.mark.parametrize("field", ["ticket", "other"])
def test_any_depth_is_an_event_or_a_400(depth, field):
    body = f'{{"id": "a", "{field}": ' + '{"a": ' * depth + "1" + "}" * depth + "}"
    try:
        (event,) = receive(body.encode())
    except WebhookError as error:
        assert error.status == 400
    else:
        assert event.id == "a"


def test_a_body_of_text_or_an_unpack_that_gives_no_mappings_says_what_to_give():
    with pytest.raises(TypeError, match="must be bytes"):
        webhooks.receive({}, "{}", username=None, password=None)
    with pytest.raises(TypeError, match="not an int"):
        receive([1], unpack=lambda value: value)


def test_other_kinds_of_bytes_will_do():
    for kind in (bytearray, memoryview):
        assert len(webhooks.receive(basic(), kind(b"{}"), username=USER, password=PASSWORD)) == 1


def test_events_can_be_members_of_a_set():
    assert len({*receive(CHANGED), *receive(CHANGED)}) == 1


@pytest.mark.parametrize(
    "wrong", [{"max_bytes": 0}, {"max_bytes": "1"}, {"username": b"halo"}, {"password": b"x"}]
)
def test_settings_that_cannot_work_are_refused(wrong):
    with pytest.raises(SettingsError):
        receive(CHANGED, **wrong)


def test_receiving_needs_no_aiohttp():
    program = (
        "import sys\n"
        "from halo_async import webhooks\n"
        'body = b\'{"ticket": {"id": 1}}\'\n'
        "(event,) = webhooks.receive({}, body, username=None, password=None)\n"
        "assert event.ticket.id == 1\n"
        "webhooks.handler(print, username=None, password=None)\n"
        "assert 'aiohttp' not in sys.modules and 'halo_async.client' not in sys.modules\n"
    )
    root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*CHANGED, "events", "data", "action", "x"]) | st.text(max_size=3),
            inner,
            max_size=6,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=examples(50))
@given(st.lists(st.dictionaries(st.sampled_from([*CHANGED, "action", "x"]), JSON, max_size=4), max_size=4))
def test_an_array_of_objects_is_as_many_events_that_keep_all_that_came(batch):
    events = receive(json.dumps(batch).encode())
    assert [event.raw for event in events] == json.loads(json.dumps(batch))


@given(JSON)
def test_any_json_is_events_or_a_400(value):
    try:
        events = receive(json.dumps(value).encode())
    except WebhookError as error:
        assert error.status == 400
        assert not isinstance(value, dict) or any(isinstance(value.get(name), list) for name in BATCHES)
    else:
        assert isinstance(value, dict | list)
        assert isinstance(value, dict) or len(events) == len(value)
