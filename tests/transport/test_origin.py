from __future__ import annotations

from urllib.parse import quote

import pytest

from halo_async import ClientCredentials, Halo
from halo_async._utils.tracebacks import causes_of
from halo_async.errors import InvalidRequestError, SettingsError
from halo_async.settings import Instance
from halo_async.transport import Request
from halo_async.transport.decode import decode_json
from halo_async.transport.urls import api_url, check_headers, check_path, same_origin
from tests.support.scripted_server import respond
from tests.support.secrets_kit import assert_clean, everything_shown

ACME = Instance.parse("acme.halopsa.com")


@pytest.mark.parametrize(
    "path",
    [
        "/Tickets",
        "/Tickets/5",
        "/TicketApproval/1&2",
        "/Lookup/a%2Fb",
        "/x/a.b",
        "/x/...",
        "/x/%20",
        "/a/%25",
    ],
)
def test_plain_paths_are_taken(path) -> None:
    assert api_url(ACME, Request("GET", path)) == f"https://acme.halopsa.com/api{path}"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "Tickets",
        "//evil.example/x",
        "https://evil.example/x",
        "/\\evil.example",
        "/Tickets/../../auth",
        "/Tickets/..",
        "/./Tickets",
        "/Tickets/%2e%2e/x",
        "/Tickets/%2E./x",
        "/Tickets/%252e%252e/x",
        "/Tickets/..%2f..%2fauth",
        "/Tickets/%2e%2e%2Fauth",
        "/Tickets/%252e%252e%252fauth",
        "/Tickets/..%5c..%5cauth",
        "/Tickets/..;x=1/auth",
        "/Tickets?id=1",
        "/Tickets#x",
        "/Tickets\r\nX: y",
        "/Tickets%0d%0aX: y",
        "/Tickets/%00",
        "/Tickets /x",
        "/Tickets/\u00e9",
        "/Tickets/\x7f",
    ],
)
def test_f50_a_path_cannot_lead_elsewhere(path) -> None:
    with pytest.raises(InvalidRequestError):
        check_path(path)


@pytest.mark.parametrize(
    "text", [*map(chr, range(128)), "".join(map(chr, range(128))), '[{"a":"é 1"}]', "+%&="]
)
def test_any_text_of_a_query_is_quoted_as_python_does(text: str) -> None:
    url = api_url(ACME, Request("GET", "/Tickets", ((text, text),)))
    assert url == f"https://acme.halopsa.com/api/Tickets?{quote(text, safe='')}={quote(text, safe='')}"


def test_f50_a_query_is_quoted_whole() -> None:
    request = Request("GET", "/Tickets", query=(("a&b=", "x\r\nEvil: 1#?/&=+ é"),))
    expected = "https://acme.halopsa.com/api/Tickets?a%26b%3D=x%0D%0AEvil%3A%201%23%3F%2F%26%3D%2B%20%C3%A9"
    assert api_url(ACME, request) == expected


@pytest.mark.parametrize(
    "header",
    [
        ("X-Ok", "a\r\nEvil: 1"),
        ("X-Ok", "a\nb"),
        ("X-Ok", "a\0"),
        ("X Bad", "a"),
        ("X:Bad", "a"),
        ("", "a"),
        ("Authorization", "Bearer x"),
        ("COOKIE", "x"),
        ("X-Halo-Api-Key", "x"),
        ("Host", "evil.example"),
        ("X-Ok", "canary-header\x01"),
        ("X-Ok", "canary-header\x7f"),
        ("X-Ok", "canary-header\ud800"),
        ("X-Ok", "canary-header\r"),
        ("Authorization", "canary-header"),
    ],
)
async def test_f50_a_header_cannot_become_two_or_replace_ours(server, transport, header) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        await transport.send(Request("GET", "/Tickets", headers=(header,)), decode_json)
    assert "Evil" not in str(caught.value)
    assert_clean(everything_shown(caught.value))
    assert server.hits == []


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"Authorization": "Bearer canary-token"}, "is set by the client"),
        ({"X-Halo-Api-Key": "canary-header"}, "is set by the client"),
        ({"X-Ok": 5}, "a string, not an int"),
        ({5: "canary-header"}, "letters, digits"),
        ("X-Key: canary-header", "must be a mapping"),
        ((("X-Key", "canary-header"),), "must be a mapping"),
    ],
)
def test_f50_headers_are_looked_at_when_they_are_given_and_not_shown(headers, words) -> None:
    halo = Halo("acme.halopsa.com", ClientCredentials("id", "canary-secret"))
    with pytest.raises(InvalidRequestError, match=words) as caught:
        halo.tickets.with_options(headers=headers)
    assert_clean(everything_shown(caught.value))


@pytest.mark.parametrize("method", ["GET / HTTP/1.1\r\nX: y", "", "TRACE", "CONNECT", "GE T", "G\u0415T"])
async def test_f50_a_method_is_one_that_is_known(method) -> None:
    halo = Halo("acme.halopsa.com", ClientCredentials("id", "secret"))
    with pytest.raises(InvalidRequestError, match="The method must be"):
        await halo.request(method, "/Tickets")


async def test_f46_half_a_character_is_not_sent(server, transport) -> None:
    halo = Halo(server.url, ClientCredentials("id", "secret"))
    calls = [
        halo.tickets.list(search="canary-query\ud800").all(),
        halo.request("GET", "/Tickets", params={"canary-query\udfff": 1}),
        halo.request("POST", "/Tickets", json=[{"summary": "canary-body\ud800"}]),
        halo.request("GET", "/Tickets/\ud800"),
    ]
    for call in calls:
        with pytest.raises(InvalidRequestError) as caught:
            await call
        assert not any(isinstance(led, UnicodeError) for led in causes_of(caught.value))
    await halo.aclose()
    assert server.hits == []


def test_ordinary_headers_are_taken() -> None:
    check_headers((("X-Extra", "värt\tit"), ("If-None-Match", '"x"')))


async def test_a_header_of_the_caller_arrives(server, transport) -> None:
    server.on("/api/Tickets", respond(200, 1))
    await transport.send(Request("GET", "/Tickets", headers=(("Accept", "text/csv"),)), decode_json)
    assert server.hits[-1].headers["accept"] == "text/csv"


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.halopsa.com/api/x",
        "HTTPS://ACME.halopsa.com/api",
        "https://acme.halopsa.com:443/",
        "https://acme.halopsa.com",
    ],
)
def test_f39_the_same_origin_is_recognised_in_any_spelling(url) -> None:
    assert same_origin(url, ACME)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/api",
        "http://acme.halopsa.com/api",
        "https://acme.halopsa.com:444/api",
        "https://acme.halopsa.com@evil.example/",
        "https://user:pw@acme.halopsa.com/",
        "//evil.example/x",
        "\\\\evil.example\\x",
        "https:\\\\acme.halopsa.com",
        "https://acme.hal\u043epsa.com/",
        "https://acme.halopsa.com.evil.example/",
        "http://127.0.0.1/",
        "http://169.254.169.254/latest",
        "https://acme.halopsa.com\r\n.evil.example/",
        "/api/x",
        "",
        "https://[::1/",
        "https://acme.halopsa.com:x/",
    ],
)
def test_f38_anything_else_is_another_origin(url) -> None:
    assert not same_origin(url, ACME)


@pytest.mark.parametrize(
    ("text", "api"),
    [
        ("acme.halopsa.com", "https://acme.halopsa.com/api"),
        (" ACME.halopsa.com/ ", "https://acme.halopsa.com/api"),
        ("https://acme.halopsa.com/api", "https://acme.halopsa.com/api"),
        ("https://acme.halopsa.com/api/swagger/index.html", "https://acme.halopsa.com/api"),
        ("https://acme.halopsa.com/tickets?area=1#x", "https://acme.halopsa.com/api"),
        ("acme.halopsa.com:8443", "https://acme.halopsa.com:8443/api"),
        ("https://itsm.corp.example/halo/API/", "https://itsm.corp.example/halo/api"),
        ("https://itsm.corp.example/apidoc", "https://itsm.corp.example/api"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api"),
        ("http://localhost:80/api/", "http://localhost/api"),
        ("http://[::1]:9", "http://[::1]:9/api"),
        ("https://bücher.example", "https://xn--bcher-kva.example/api"),
    ],
)
def test_an_instance_is_read_from_what_people_paste(text, api) -> None:
    assert Instance.parse(text).api_url == api


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("http://acme.halopsa.com", "Use https://"),
        ("ftp://acme.halopsa.com", "not a web address"),
        ("https://user:canary@acme.halopsa.com", "user name"),
        ("acme halopsa", "space"),
        ("acme.halopsa.com\\api", "backslash"),
        ("acme.halopsa.com:99999", "port"),
        ("https://", "no valid host name"),
        ("https://itsm.corp.example/?x=1", "Remove everything"),
        ("https://itsm.corp.example/../x", "plain"),
        ("http://[::1", "not a valid address"),
    ],
)
def test_a_bad_instance_names_the_fix(text, words) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        Instance.parse(text)
    assert "canary" not in str(caught.value)
