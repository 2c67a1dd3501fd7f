"""Receivers and the replay kit called as nobody should."""

from __future__ import annotations

import pytest

from halo_async import webhooks

OPEN = {"username": None, "password": None}


@pytest.mark.parametrize("body", [None, "{}", {"event": "x"}, 5, [1, 2]], ids=repr)
def test_a_body_that_is_no_bytes_is_a_type_error(body):
    with pytest.raises(TypeError, match="The body must be bytes, not"):
        webhooks.receive({}, body, **OPEN)


@pytest.mark.parametrize("body", [bytearray(b"{}"), memoryview(b"{}")], ids=["bytearray", "memoryview"])
def test_any_kind_of_bytes_is_taken(body):
    assert len(webhooks.receive({}, body, **OPEN)) == 1


@pytest.mark.parametrize("headers", [None, "x", 5, [("a",)], ["ab"], [5]], ids=repr)
def test_headers_that_are_none_are_a_type_error(headers):
    with pytest.raises(TypeError, match="Headers must be a mapping or pairs of names and values"):
        webhooks.receive(headers, b"{}", **OPEN)


@pytest.mark.parametrize("name", ["on_event", "unpack"])
@pytest.mark.parametrize("value", ["x", 5, {}], ids=repr)
def test_what_cannot_be_called_is_refused_when_the_handler_is_made(name, value):
    given = {"on_event": print, name: value}
    with pytest.raises(TypeError, match=f"{name} must be callable, not"):
        webhooks.handler(**given, **OPEN)


def test_forgetting_the_function_is_told():
    with pytest.raises(TypeError, match="on_event must be callable, not None"):
        webhooks.handler(None, **OPEN)


@pytest.mark.parametrize("given", [None, 5, {"event": "x"}, "x"], ids=repr)
def test_unpack_that_gives_no_events_is_told_what_to_give(given):
    with pytest.raises(TypeError, match="`unpack` must return a mapping for each event, "):
        webhooks.receive({}, b'{"event": "x"}', **OPEN, unpack=lambda value: given)


@pytest.mark.parametrize("url", ["receiver.example/halo", "", None, 5, "ftp://receiver.example"], ids=repr)
def test_a_webhook_needs_an_address(emulator, url):
    with pytest.raises(ValueError, match=r"A webhook requires a URL such as http://127\.0\.0\.1:8000/halo"):
        emulator.webhooks.register(url)


@pytest.mark.parametrize("option", [{"payload": "big"}, {"batch": "some"}], ids=repr)
def test_an_option_that_is_none_lists_those_that_are(emulator, option):
    ((name, value),) = option.items()
    with pytest.raises(ValueError, match=f"^{name} must be one of .*, not '{value}'$"):
        emulator.webhooks.register("http://127.0.0.1:1/halo", **option)


@pytest.mark.parametrize(
    "options", [{"count": -1}, {"count": "5"}, {"batch": 0}, {"duplicates": 7}], ids=repr
)
async def test_a_sequence_that_cannot_be_is_refused(emulator, options):
    ((name, value),) = options.items()
    with pytest.raises(ValueError, match=f"^{name} must be .*, not {value!r}$"):
        await emulator.webhooks.replay(**options)


async def test_an_unknown_bad_delivery_lists_those_that_there_are(emulator):
    with pytest.raises(KeyError, match=r"'nope' is not one of the bad deliveries. Use .*wrong password"):
        await emulator.webhooks.send_bad("nope")
