"""Options of a bulk write."""

from __future__ import annotations

import os

import attrs

from halo_async._utils.validation import check_whole_number
from halo_async.errors import SettingsError

Path = str | os.PathLike[str] | None


@attrs.frozen
class BulkOptions:
    """Options of a bulk write; see `Writable.bulk_upsert`."""

    batch_size: int
    concurrency: int
    parallel_creates: bool
    on_error: str
    journal: Path
    resume: bool
    errors: Path

    def __attrs_post_init__(self) -> None:
        for name in ("batch_size", "concurrency"):
            check_whole_number(name, getattr(self, name))
        for name in ("journal", "errors"):
            if getattr(self, name) == "":
                raise SettingsError(f"`{name}` must be the path of a file, or None.")
        if not isinstance(self.parallel_creates, bool):
            raise SettingsError(f"parallel_creates must be True or False, not {self.parallel_creates!r}.")
        if self.on_error not in ("stop", "continue"):
            raise SettingsError(f"on_error must be 'stop' or 'continue', not {self.on_error!r}.")
        if self.resume and self.journal is None:
            raise SettingsError("resume=True requires a journal. Pass journal=PATH.")
        if self.errors is not None and self.errors == self.journal:
            raise SettingsError("The journal and the error file must be two files.")
