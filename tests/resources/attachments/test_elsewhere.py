"""Which addresses a file may be sent to when Halo names one."""

from __future__ import annotations

import pytest

from halo_async._utils.secret import Secret
from halo_async.errors import InvalidRequestError
from halo_async.settings import Instance
from halo_async.transport.streaming.presigned_put import STORES, check_elsewhere

HOSTED = Instance.parse("acme.halopsa.com")
HERE = Instance.parse("http://127.0.0.1:8080")


def check(url, instance, *hosts):
    check_elsewhere(Secret(url), instance, *hosts)


@pytest.mark.parametrize(
    "url",
    [
        "https://bucket.s3.amazonaws.com/key?X-Amz-Signature=a",
        "https://bucket.s3.eu-west-2.amazonaws.com/key",
        "https://s3.eu-west-2.amazonaws.com/bucket/key",
        "https://BUCKET.S3.AMAZONAWS.COM:443/key",
    ],
)
def test_amazons_s3_is_trusted(url):
    check(url, HOSTED)


@pytest.mark.parametrize(
    "url",
    [
        "http://bucket.s3.amazonaws.com/key",
        "https://bucket.s3.amazonaws.com:8443/key",
        "https://bucket.s3.amazonaws.com.evil.example/key",
        "https://evil.example/bucket.s3.amazonaws.com",
        "https://bucket.s3.amazonaws.com@evil.example/key",
        "https://user:pass@bucket.s3.amazonaws.com/key",
        "https://evil.example\\@bucket.s3.amazonaws.com/key",
        "https://ec2-1-2-3-4.compute.amazonaws.com/key",
        "https://xs3.amazonaws.com/key",
        "https://bucket.s3.am\u0430zonaws.com/key",
        "https://169.254.169.254/latest/meta-data",
        "https://127.0.0.1/key",
        "http://localhost:9000/key",
        "https://[::1]/key",
        "https://acme.halopsa.com/api/Tickets",
        "ftp://bucket.s3.amazonaws.com/key",
        "//bucket.s3.amazonaws.com/key",
        "/bucket/key",
        "https://bucket.s3.amazonaws.com/a b",
        "https://bucket.s3.amazonaws.com/a\r\nX: y",
        "https://bucket.s3.amazonaws.com:port/key",
        "https://bucket.s3.amazonaws.com/key#part",
        "",
    ],
)
def test_no_other_address_is(url):
    with pytest.raises(InvalidRequestError, match="Nothing was sent"):
        check(url, HOSTED)
    with pytest.raises(InvalidRequestError, match="Nothing was sent"):
        check(url, HERE)


def test_hosts_can_be_named_and_then_no_other_counts():
    named = ("*.blob.core.windows.net",)
    check("https://acme.blob.core.windows.net/c/f?sig=x", HOSTED, named)
    with pytest.raises(InvalidRequestError):
        check("https://bucket.s3.amazonaws.com/key", HOSTED, named)


def test_this_machine_counts_only_by_name_and_port_and_from_this_machine():
    named = (*STORES, "localhost:9000")
    check("http://localhost:9000/key", HERE, named)
    for url, instance in (("http://localhost:9001/key", HERE), ("http://localhost:9000/key", HOSTED)):
        with pytest.raises(InvalidRequestError):
            check(url, instance, named)


def test_the_message_names_the_host_and_nothing_of_the_query():
    with pytest.raises(InvalidRequestError) as refusal:
        check("https://store.example/key?sig=hunter2", HOSTED)
    assert "store.example" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("hosts", ["*.blob.core.windows.net", "store.example"])
def test_one_text_in_place_of_several_hosts_trusts_nobody(hosts):
    with pytest.raises(InvalidRequestError, match=r"presigned_hosts must be a tuple of names\. .*,\)\.$"):
        check_elsewhere(Secret("https://store.example/x"), Instance.parse("acme.halopsa.com"), hosts)
