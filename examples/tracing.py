"""Tracing of every HTTP request of the client as an OpenTelemetry span, with a custom session.

    pip install halo-async opentelemetry-sdk opentelemetry-instrumentation-aiohttp-client
    python examples/tracing.py

It runs against an emulated instance and prints its spans; replace the console exporter with your own.
"""

from __future__ import annotations

import asyncio

import aiohttp
from opentelemetry.instrumentation.aiohttp_client import create_trace_config
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SimpleSpanProcessor

from halo_async import ClientCredentials, Halo
from halo_async.emulator import Emulator


def one_line(span: ReadableSpan) -> str:
    """Format name, status and time of a span."""
    attributes = span.attributes or {}
    status = attributes.get("http.response.status_code", attributes.get("http.status_code", ""))
    took = ((span.end_time or 0) - (span.start_time or 0)) / 1e6
    return f"{span.name:<24} {attributes.get('http.url', '')} {status} {took:.1f} ms\n"


async def main() -> None:
    """Read a list inside a custom span."""
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(ConsoleSpanExporter(formatter=one_line)))
    tracer = provider.get_tracer("example")
    # The query contains filters and search strings: do not record it in your traces.
    spans = create_trace_config(url_filter=lambda url: str(url.with_query(None)), tracer_provider=provider)
    async with (
        Emulator(tickets=250) as emulator,
        aiohttp.ClientSession(trace_configs=[spans]) as session,
    ):
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        with tracer.start_as_current_span("read tickets"):
            async with Halo(emulator.url, credentials, tenant=emulator.tenant, session=session) as halo:
                rows = await halo.tickets.list().all()
        print(f"{len(rows)} tickets")


if __name__ == "__main__":
    asyncio.run(main())
