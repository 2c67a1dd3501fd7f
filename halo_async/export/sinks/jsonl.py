"""JSON Lines: the gathered lines are the file already."""

from __future__ import annotations

from halo_async.export.sinks import Material, Outcome
from halo_async.export.sinks.files import PART, finish


class JsonlSink:
    """Takes the `.part` off."""

    def finish(self, material: Material) -> Outcome:
        """See `Sink.finish`."""
        final = material.spool.with_name(material.spool.name.removesuffix(PART))
        if material.spool.exists() or not final.exists():
            finish(material.spool, final)
        return Outcome(final.name)
