"""The objects of `/_emulator/`, of `--config` and of options: the same keys, the same rules, the same words."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async._utils.openapi_document import load_document
from halo_async.emulator import Behind, Churn, Fault
from halo_async.emulator.config import (
    DataConfig,
    EmulatorConfig,
    LimitConfig,
    checked_churn,
    checked_faults,
    churn_from_text,
    fault_from_text,
    proxy_from_text,
)
from halo_async.emulator.config_fields import ConfigError, read_object

OBJECTS: dict[str, tuple[type, dict[str, Any]]] = {
    "faults": (Fault, {"number": "F41", "on": "GET /Client", "variant": "cut", "times": 2, "after": 1, "every": 3,
                       "probability": 0.5, "options": {"rows": 3}}),
    "churn": (Churn, {"path": "/Client", "insert": 0.5, "delete": 1, "update": 2, "reenter": 0.1}),
    "rate-limit": (LimitConfig, {"requests": 7, "seconds": 9}),
}  # fmt: skip
"""By the name of the admin call, which is the key of the file, too: the class, and a value for each of its fields."""


def in_file(name: str, value: Any) -> Any:
    return {name: [value]} if name == "faults" else {name: value}


async def post(wire: Any, name: str, value: Any) -> tuple[int, Any]:
    body = {"faults": [value]} if name == "faults" else value
    async with wire.session.post(f"{wire.emulator.url}/_emulator/{name}", json=body) as response:
        return response.status, await response.json()


@pytest.mark.parametrize("name", OBJECTS)
async def test_the_file_and_the_admin_api_take_the_same_keys(wire: Any, name: str) -> None:
    cls, whole = OBJECTS[name]
    assert set(whole) == set(attrs.fields_dict(cls))
    assert (await post(wire, name, whole))[0] == 200
    config = read_object(EmulatorConfig, in_file(name, whole)).checked(load_document())
    emulator = wire.emulator
    there = {
        "faults": tuple(armed.fault for armed in emulator.faults._armed),
        "churn": emulator.churn,
        "rate-limit": emulator.rate_limit,
    }[name]
    assert there == getattr(config, name.replace("-", "_"))


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("wrong", ["unknown", "mistyped"])
async def test_both_refuse_the_same_with_the_same_words(wire: Any, name: str, wrong: str) -> None:
    _, whole = OBJECTS[name]
    key = "after" if name == "faults" else next(iter(whole))
    value = {**whole, "nonsense": 1} if wrong == "unknown" else {**whole, key: [True]}
    status, response = await post(wire, name, value)
    with pytest.raises(ConfigError) as refused:
        read_object(EmulatorConfig, in_file(name, value)).checked(load_document())
    assert status == 400
    mine = str(refused.value).replace("rate_limit.", "").replace("churn.", "")
    assert response["error"].replace(" of the body", "") == mine
    assert ("nonsense is not a known key" if wrong == "unknown" else f"{key} must be") in mine


async def test_data_is_reset_by_the_keys_of_the_file(wire: Any) -> None:
    assert set(attrs.fields_dict(DataConfig)) <= set(attrs.fields_dict(EmulatorConfig))
    assert (await post(wire, "reset", {"seed": 2, "tickets": 10}))[0] == 200
    assert (wire.emulator.seed, len(wire.emulator.world.table("/Tickets").ids)) == (2, 10)
    status, response = await post(wire, "reset", {"ticket": 10})
    assert (status, response) == (400, {"error": "ticket is not a known key. Did you mean 'tickets'?"})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("F25", Fault("F25")),
        ("F10:GET /Tickets:after=3:times=1", Fault("F10", "GET /Tickets", after=3, times=1)),
        ("F41:GET /Tickets:variant=none,rows=37", Fault("F41", "GET /Tickets", "none", options={"rows": 37})),
        ("f05:get /Tickets:times=1", Fault("F05", "GET /Tickets", times=1)),
        ("F24:* *:every=2:after=3:probability=0.5", Fault("F24", every=2, after=3, probability=0.5)),
        ("F23:GET /api/Tickets:retry_after=7", Fault("F23", "GET /Tickets", options={"retry_after": 7})),
        ("F24:variant=date:value=Wed, 21 Oct 2026 07:28:00 GMT",
         Fault("F24", variant="date", options={"value": "Wed, 21 Oct 2026 07:28:00 GMT"})),
        ("F09:GET /api/authinfo", Fault("F09", "GET /api/authinfo")),
        ("F09:* /tickets/{id}", Fault("F09", "* /tickets/{id}")),
        ("F09:DELETE /Tickets/5", Fault("F09", "DELETE /Tickets/5")),
        ("F10:POST /auth/token:delay=1.5", Fault("F10", "POST /auth/token", options={"delay": 1.5})),
    ],
)  # fmt: skip
def test_a_fault_is_read(text: str, fault: Fault) -> None:
    assert checked_faults([fault_from_text(text)], load_document()) == (fault,)


def test_churn_and_proxies_are_read() -> None:
    for text in ("path=/client,insert=0.5,reenter=2", "/client:insert=0.5:reenter=2"):
        churn = checked_churn(churn_from_text(text), load_document())
        assert churn == Churn("/Client", insert=0.5, reenter=2)
    assert proxy_from_text("rows=3") == ("*", Behind(rows=3))
    assert proxy_from_text("Xero:under=paging.next.after,key=none") == (
        "Xero",
        Behind(under="paging.next.after", key=None),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "number is missing"),
        ("F05:FETCH /Tickets", "on must be METHOD /PATH, such as GET /Tickets or * *, not 'FETCH /Tickets'"),
        ("F05:Tickets", "on must be METHOD /PATH"),
        ("F05:PUT /Tickets", "on must have a method of /Tickets. Use one of GET, POST"),
        ("F05:GET /Tickets:times=0", "times must be an integer from 1 up, not 0"),
        ("F05:probability=2", "probability must be a number from 0 to 1, not 2.0"),
        ("F05:times=2:times=3", "Write each key once"),
        ("F05:number=F06", "Write each key once"),
        ("F05:Times=2", "is not a list of key=value pairs"),
        ("F41:options=3", "options must be a table of keys and values, not 3"),
    ],
)  # fmt: skip
def test_a_malformed_fault_names_the_key_and_the_mend(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        checked_faults([fault_from_text(text)], load_document())
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "the content must be a table of keys and values, not []"),
        ({"faults": {"number": "F05"}}, "faults must be a list of tables"),
        ({"faults": [5]}, "faults[0] must be a table of keys and values, not 5"),
        ({"faults": [{"number": "F41", "options": {"row": 3}}]}, "faults[0].options.row is not a known key. Did"),
        ({"faults": [{"on": "* *"}]}, "faults[0].number is missing"),
        ({"proxies": {"Xero": {"under": "link"}}}, "proxies.Xero.under must be one of 'request', 'none'"),
        ({"proxies": 5}, "proxies must be a table"),
        ({"rate-limit": "fast"}, "rate_limit must be REQUESTS/SECONDS, such as 300/300, or none, not 'fast'"),
        ({"rate-limit": {"requests": 5, "redis": "x"}}, "rate_limit.redis is not a known key"),
        ({"page-caps": {"/Asset": 0}}, "page_caps./Asset must be an integer from 1 up, not 0"),
        ({"tenants": "east"}, "tenants must be a list of strings, not 'east'"),
        ({"dialect": 2026}, "dialect must be one of '2024', '2026', not 2026"),
        ({"strict": 1}, "strict must be true or false, not 1"),
        ({"token-lifetime": 0}, "token_lifetime must be a number above 0, not 0"),
    ],
    ids=str,
)  # fmt: skip
def test_a_malformed_file_names_the_key_and_the_mend(values: Any, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_object(EmulatorConfig, values)
    assert words in str(refused.value)


def test_none_and_both_spellings_of_a_key_are_read() -> None:
    config = read_object(EmulatorConfig, {"tenant": "none", "rate_limit": "none", "page-cap": 5})
    assert (config.tenant, config.rate_limit, config.page_cap) == (None, None, 5)


def test_options_of_a_variant_may_stand_beside_the_other_keys() -> None:
    beside = read_object(Fault, {"number": "F41", "variant": "cut", "rows": 37, "options": {"delay": 1}})
    assert beside.options == {"rows": 37, "delay": 1}


@pytest.mark.parametrize(
    "wrong", [{"times": 0}, {"after": -1}, {"every": 1.5}, {"probability": True}, {"on": None}]
)
def test_python_has_the_same_rules(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be"):
        Fault("F05", **wrong)


@given(
    st.dictionaries(
        st.text(max_size=9), st.none() | st.booleans() | st.integers() | st.text(max_size=9), max_size=4
    )
)
def test_no_content_ends_in_another_error(values: dict[str, Any]) -> None:
    for cls in (EmulatorConfig, Fault, Churn, Behind, LimitConfig, DataConfig):
        try:
            read_object(cls, values)
        except ConfigError:
            continue


@given(st.text(max_size=30))
def test_no_text_ends_in_another_error(text: str) -> None:
    for read in (fault_from_text, churn_from_text, proxy_from_text):
        try:
            read(text)
        except ConfigError:
            continue
