"""Parquet in folders: one folder per resource, whose files are divided by the values of a field or by size.

The rows are made into one file first, as without a layout, and that is divided. The folder is then put in the place
of the earlier one by renaming: at any moment one of them is whole.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import attrs

from halo_async._utils.own_file import sync_folder
from halo_async.export.layout import Layout, Layouts
from halo_async.export.sinks import Id, MergeResult, SinkInput, SinkOutcome
from halo_async.export.sinks.parquet import ParquetSink
from halo_async.export.sinks.partitions import READ, Division, pa, pq


class ParquetFolderSink:
    """A folder of `.parquet` per resource with a layout, and one file for others."""

    scans: ClassVar[bool] = False
    follows: ClassVar[bool] = True

    def __init__(self, layouts: Layouts) -> None:
        self._layouts = layouts
        self._file = ParquetSink()

    def finish(self, material: SinkInput) -> SinkOutcome:
        """See `Sink.finish`."""
        layout = self._layouts.get(material.name)
        if layout is None:
            return self._file.finish(material)
        place = _Place(material.folder, material.name)
        place.recover()
        if not material.spool.exists() and place.final.is_dir() and not place.single.exists():
            return SinkOutcome(place.final.name)  # made already, before an earlier run was stopped
        place.work.mkdir(exist_ok=True)
        try:
            made = self._file.finish(attrs.evolve(material, folder=place.work))
        except BaseException:
            with suppress(OSError):  # the rows are there already
                place.work.rmdir()
            raise
        self._divide(place, layout, material.go_on)
        return attrs.evolve(made, file=place.final.name)

    def there(self, folder: Path, name: str) -> bool:
        """See `Sink.there`."""
        if name not in self._layouts:
            return self._file.there(folder, name)
        place = _Place(folder, name)
        place.recover()
        return place.final.is_dir()

    def merge(self, changes: SinkInput, deleted: Collection[Id]) -> tuple[MergeResult, SinkOutcome]:
        """See `Sink.merge`. All files are written anew, since rows can move from one to another."""
        layout = self._layouts.get(changes.name)
        if layout is None:
            return self._file.merge(changes, deleted)
        place = _Place(changes.folder, changes.name)
        place.recover()
        place.work.mkdir(exist_ok=True)
        if not place.single.exists():
            _together(place, changes.go_on)
        result, made = self._file.merge(attrs.evolve(changes, folder=place.work), deleted)
        self._divide(place, layout, changes.go_on)
        return result, attrs.evolve(made, file=place.final.name)

    def ids(self, folder: Path, name: str, field: str = "id") -> Iterator[Id]:
        """See `Sink.ids`."""
        if name not in self._layouts:
            yield from self._file.ids(folder, name, field)
            return
        for path in _Place(folder, name).files():
            with pq.ParquetFile(str(path)) as file:
                for batch in file.iter_batches(batch_size=READ, columns=[field]):
                    if field in batch.schema.names:  # a name with a dot may come along
                        yield from batch[field].to_pylist()

    def _divide(self, place: _Place, layout: Layout, go_on: Callable[[], None]) -> None:
        shutil.rmtree(place.part, ignore_errors=True)
        place.part.mkdir()
        for path in Division(place.single, layout).write(place.part, go_on):
            sync_folder(path.parent)
        place.swap()
        shutil.rmtree(place.work)


class _Place:
    """The folder of a resource, and those beside it while it is made."""

    def __init__(self, folder: Path, name: str) -> None:
        self.final = folder / name
        self.part = folder / f"{name}.part"
        self.work = folder / f".{name}.work"
        self.single = self.work / f"{name}.parquet"
        """All rows in one file; it is there until they are in the folder."""
        self._made = folder / f".{name}.made"
        self._old = folder / f".{name}.old"

    def files(self) -> list[Path]:
        """Return the files, in the order of the partitions."""
        return sorted(self.final.rglob("*.parquet"), key=lambda path: (path.parent, _parse_number(path)))

    def swap(self) -> None:
        """Put the new folder, which is complete, in the place of the old one."""
        sync_folder(self.part)
        self.part.replace(self._made)
        self.recover()

    def recover(self) -> None:
        """Finish a swap, also one of a run that was stopped in it."""
        if self._made.exists():
            if self.final.exists():
                shutil.rmtree(self._old, ignore_errors=True)
                self.final.replace(self._old)
            self._made.replace(self.final)
            sync_folder(self.final.parent)
        shutil.rmtree(self._old, ignore_errors=True)


def _parse_number(path: Path) -> int:
    return int(path.stem.removeprefix("part-"))


def _together(place: _Place, go_on: Callable[[], None]) -> None:
    """Write all files of the folder into one."""
    part = place.single.with_suffix(".part")
    files = place.files()
    with pq.ParquetWriter(str(part), pq.read_schema(str(files[0])), compression="zstd") as writer:
        for path in files:
            with pq.ParquetFile(str(path)) as file:
                for batch in file.iter_batches(batch_size=READ):
                    go_on()
                    writer.write_table(pa.Table.from_batches([batch]))
    part.replace(place.single)
