"""Ways in which instances differ from each other, one field per way; the defaults are what has been seen most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from halo_async.emulator.config_fields import ConfigError, flag, nested, text, whole

ENCODINGS = ("gzip", "br", "zstd")


def _encodings(value: Any, key: str) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [name for name in value.replace(" ", "+").split("+") if name and name != "none"]
    if not isinstance(value, Sequence) or not set(value) <= set(ENCODINGS):
        raise ConfigError(f"{key} must be a list of {', '.join(ENCODINGS)}, not {value!r:.60}.")
    return tuple(value)


@attrs.frozen
class Behaviour:
    """Behaviour of one instance where instances differ, or may.

    :param pageinate: `required` for pages; `optional`: a page number will do; `ignored`: all rows are returned.
    :param order: whether `order` is `honoured` or `ignored`.
    :param id_filter: whether `advanced_search` on `id` is `honoured`, `ignored`, or `refused` with 400.
    :param several_ids: form of several ids in one filter: `commas`, `repeats` of the name, or `both`.
    :param inactive: inactive rows that were written are `left out` unless a switch brings them, or `shown`.
    :param actions_touch: writes of an action that date its ticket (`last_update`): `new` ones, `every` one with edits
        and deletions, or `none`.
    :param utc_offset: minutes between the dates in rows and UTC.
    :param rate_limit_headers: whether responses say how much of the limit is left.
    :param encodings: compressions of responses, the preferred one first.
    :param past_the_end: response behind the last page: no rows and `record_count` 0 (`zero`), no rows and the
        `total`, or the `last page` again.
    :param unknown_parameters: query parameters unknown to the document are `ignored`, or `refused` with 400.
    """

    pageinate: str = text("required", allowed=("required", "optional", "ignored"))
    order: str = text("honoured", allowed=("honoured", "ignored"))
    id_filter: str = text("honoured", allowed=("honoured", "ignored", "refused"))
    several_ids: str = text("commas", allowed=("commas", "repeats", "both"))
    inactive: str = text("left out", allowed=("left out", "shown"))
    actions_touch: str = text("new", allowed=("new", "every", "none"))
    utc_offset: int = whole(0, -720, 840)
    rate_limit_headers: bool = flag(False)
    encodings: tuple[str, ...] = nested((), _encodings)
    past_the_end: str = text("zero", allowed=("zero", "total", "last page"))
    unknown_parameters: str = text("ignored", allowed=("ignored", "refused"))


USUAL = Behaviour()
