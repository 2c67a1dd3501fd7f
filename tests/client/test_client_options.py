"""A client that is given what cannot work says so when it is made."""

from __future__ import annotations

import pytest

from halo_async import ClientCredentials, Halo, SettingsError

CREDENTIALS = ClientCredentials("client-id", "client-secret")


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (
            {"rate_limit": 300},
            r"rate_limit must be RateLimit\(requests, seconds\), or None for no limit, not 300",
        ),
        ({"rate_limit": "300/300"}, "rate_limit must be RateLimit.*not '300/300'"),
        ({"deadline": "none"}, "deadline must be a number of seconds above 0, not 'none'"),
        ({"deadline": 0}, "deadline must be a number of seconds above 0, not 0"),
        ({"max_retry_wait": None}, "max_retry_wait must be a number of seconds above 0, not None"),
        ({"max_bytes": "16 MB"}, "max_bytes must be an integer of 1 or more, not '16 MB'"),
        ({"token_store": "tokens"}, "token_store must be a store such as FileStore"),
        ({"session": "x"}, "`session` must be an aiohttp.ClientSession"),
        ({"auth_url": 5}, "auth_url must be a URL such as https://acme.halopsa.com/auth, not 5"),
        ({"auth_url": "http://sso.example/auth"}, "auth_url is not valid.*unencrypted.*Use https"),
        ({"timeouts": 30}, r"`timeouts` must be Timeouts\(…\), not 30"),
    ],
)
def test_an_option_of_the_wrong_kind_is_refused(option, told):
    with pytest.raises(SettingsError, match=told):
        Halo("acme.halopsa.com", CREDENTIALS, **option)


@pytest.mark.parametrize("instance", [None, 5, ["acme.halopsa.com"]], ids=repr)
def test_an_instance_that_is_no_address_is_refused(instance):
    with pytest.raises(
        SettingsError, match=r"The instance must be a host name such as acme\.halopsa\.com, not"
    ):
        Halo(instance, CREDENTIALS)
