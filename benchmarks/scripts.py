"""Scripts for fresh interpreters."""

from __future__ import annotations

BARE = "bare interpreter"

STOCK = "stock generator's package"
IMPORTS = {
    "halo_async": "import halo_async",
    "aiohttp": "import aiohttp",
    "githubkit": "import githubkit",
    "openai": "import openai",
    "stripe": "import stripe",
    "msgraph-sdk": "import msgraph",
    STOCK: "import stock.models",
}

SCRIPT = """
import asyncio, aiohttp, msgspec
async def main():
    async with aiohttp.ClientSession() as session:
        decode = msgspec.json.Decoder().decode
asyncio.run(main())
"""

_TYPED = """
import asyncio
from halo_async import ClientCredentials, Halo
class Ready(Exception):
    pass
async def main():
    halo = Halo("acme.halopsa.com", ClientCredentials("id", "secret"))
    transport = halo.transport
    await transport.open()
    async def send(request, decode):
        assert request.path.startswith("/Tickets")
        raise Ready
    transport.send = send
    try:
        await halo.tickets.{call}
    except Ready:
        await halo.aclose()
asyncio.run(main())
"""
TYPED = _TYPED.format(call="get(1, includedetails=True)")
TYPED_LIST = _TYPED.format(call="list(open_only=True)")

RECORDS = """
import halo_async.records.record
import halo_async.models as models
for name in dir(models):
    getattr(models, name)
assert len(models.RECORDS) > 600
"""

TYPER = "import typer"
HELP = """
import sys
from halo_async.cli import main
sys.argv = ["halo-async", "--help"]
try:
    main()
except SystemExit:
    pass
"""

RESOURCES = """
from halo_async import ClientCredentials, Halo
from halo_async.client import Client
halo = Halo("acme.halopsa.com", ClientCredentials("id", "secret"))
names = [name for name in sorted(dir(halo)) if name not in dir(Client)][:{count}]
assert len(names) == {count}, len(names)
for name in names:
    getattr(halo, name)
"""

FIRST_CALLS = {
    "githubkit": "from githubkit import GitHub\nhub = GitHub('token')\nhub.rest.issues.async_list_for_repo",
    "openai": "from openai import AsyncOpenAI\nAsyncOpenAI(api_key='x').chat.completions.create",
    "stripe": "import stripe\nstripe.StripeClient('sk_test_x').v1.customers.list_async",
    "msgraph-sdk": (
        "from msgraph import GraphServiceClient\n"
        "from azure.core.credentials import AccessToken\n"
        "class Credential:\n"
        "    def get_token(self, *scopes, **options):\n"
        "        return AccessToken('x', 0)\n"
        "GraphServiceClient(Credential()).me.messages.get"
    ),
    STOCK: (
        "from stock.client import AuthenticatedClient\n"
        "from stock.api.faults import get_tickets\n"
        "AuthenticatedClient(base_url='https://acme.halopsa.com/api', token='x')\n"
        "get_tickets.asyncio_detailed"
    ),
}
"""First calls as in the documentation of other packages."""
