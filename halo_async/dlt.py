"""A dlt source: Halo's lists as Arrow tables for each destination that dlt loads.

Needs the extra `[dlt]`. Each run exports the lists into a folder of the pipeline, as `Halo.export` does: paging, rate
limit, retries and the checks for lost rows are the same, and a run that was killed is resumed by the next one. What is
read from that folder is given to dlt as Arrow tables with primary keys, types and a write disposition.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from halo_async._operations.operation import Operation
from halo_async._utils.since import earlier
from halo_async._utils.validation import names
from halo_async.auth.credentials import Credentials
from halo_async.errors import IncompleteError, SettingsError
from halo_async.export.children import CHILDREN
from halo_async.export.names import resolve_names, resource_name
from halo_async.export.options import CHANGED_SINCE, Filters
from halo_async.export.report import Report
from halo_async.export.watermarks import OVERLAP
from halo_async.settings import ClientCredentials
from halo_async.tables.parquet_schema import json_columns, with_required_key
from halo_async.tables.requirements import required

if TYPE_CHECKING:
    from halo_async.client import Client

__all__ = ["halo_source"]

BATCH = 50_000
"""Rows of an Arrow table."""
KEY = "id"
"""Primary key of all lists."""


def halo_source(
    instance: str | Callable[[], Client] | None = None,
    credentials: Credentials | None = None,
    *,
    resources: str | Iterable[str] = ("tickets", "clients", "users", "sites", "agents"),
    filters: Filters | None = None,
    include_inactive: bool = False,
    staging: str | Path | None = None,
    name: str = "halo",
) -> Any:
    """Return a dlt source with one resource for each list.

    Lists that can be asked for changes (`tickets`) are merged by `id`: the first run reads them whole, each later one
    what changed since the one before, by a moment that is kept in the pipeline's state. Rows that were deleted in
    Halo stay at the destination until `pipeline.run(source, refresh="drop_resources")`. All other lists are read
    whole and replaced.

    >>> import dlt  # doctest: +SKIP
    >>> source = halo_source("acme.halopsa.com", credentials, resources=["tickets", "clients"])  # doctest: +SKIP
    >>> dlt.pipeline("halo", destination="duckdb").run(source)  # doctest: +SKIP

    :param instance: host or URL; or a function that returns a client that is not open yet, for every other option of a
        client. None: `sources.halo.instance` of dlt's configuration.
    :param credentials: how to log in. None: `sources.halo.client_id` and `sources.halo.client_secret` of dlt's
        configuration and secrets.
    :param resources: names as `Halo.export` takes them.
    :param filters: query parameters by resource: `{"tickets": {"open_only": True}}`.
    :param include_inactive: also ask for inactive, disabled and API-only rows.
    :param staging: folder for the files of the running export; None: one in the pipeline's working directory.
    :param name: the source's name, by which dlt keeps its state and schema.
    :raises SettingsError: dlt or pyarrow is not installed, an unknown resource, or no credentials.
    """
    dlt = required("dlt", "halo_source", "dlt")
    required("pyarrow.parquet", "halo_source", "dlt")
    wanted = _wanted(names("resources", resources))
    options = {"filters": filters or {}, "include_inactive": include_inactive}
    opened = instance if callable(instance) else _configured(dlt, instance, credentials)
    run = _Run(opened, wanted, options, None if staging is None else Path(staging), name)

    def lists() -> list[Any]:
        return [_resource(dlt, run, operation) for operation in wanted]

    return dlt.source(lists, name=name, section=name)()


def _wanted(chosen: Sequence[str]) -> list[Operation]:
    """Return the lists that are asked for; the parents that an export adds for its own use are left out."""
    asked = {resource_name(resolve_names([one])[-1]) for one in chosen}
    return [operation for operation in resolve_names(list(chosen)) if resource_name(operation) in asked]


def _configured(dlt: Any, instance: str | None, credentials: Credentials | None) -> Callable[[], Client]:
    """Return a function that makes a client of what is given and of dlt's configuration."""

    def make() -> Client:
        from halo_async.client import Halo

        place = instance or dlt.config.get("sources.halo.instance")
        if not place:
            raise SettingsError(
                "halo_source has no instance. Pass one, or set sources.halo.instance in dlt's config.toml."
            )
        return Halo(place, credentials or _credentials(dlt))

    return make


def _credentials(dlt: Any) -> Credentials:
    client_id = dlt.secrets.get("sources.halo.client_id") or dlt.config.get("sources.halo.client_id")
    secret = dlt.secrets.get("sources.halo.client_secret")
    if not client_id or not secret:
        raise SettingsError(
            "halo_source has no credentials. Pass credentials, or set sources.halo.client_id and "
            "sources.halo.client_secret in dlt's secrets.toml."
        )
    return ClientCredentials(str(client_id), str(secret))


def _resource(dlt: Any, run: _Run, operation: Operation) -> Any:
    """Return the dlt resource of one list."""
    own = resource_name(operation)
    changing = own in run.changing

    def rows() -> Iterator[Any]:
        yield from run.tables(dlt, own)

    return dlt.resource(
        rows,
        name=own,
        primary_key=KEY,
        write_disposition="merge" if changing else "replace",
        max_table_nesting=0,
    )


@attrs.define
class _Run:
    """The export behind all resources of a source: the first of them that dlt reads begins it."""

    client: Callable[[], Client]
    wanted: Sequence[Operation]
    options: Mapping[str, Any]
    staging: Path | None
    source: str
    _folder: Path = attrs.field(factory=Path)
    _files: dict[str, Path] = attrs.field(factory=dict)
    _stamps: dict[str, str] = attrs.field(factory=dict)
    _left: set[str] = attrs.field(factory=set)

    @property
    def names(self) -> list[str]:
        """The lists' names."""
        return [resource_name(operation) for operation in self.wanted]

    @property
    def changing(self) -> set[str]:
        """Lists of which later runs read changes only: those with such a filter, and rows that date their parent."""
        able = {resource_name(one) for one in self.wanted if CHANGED_SINCE in one.argument_names}
        children = {
            one
            for one in self.names
            if one in CHILDREN and CHILDREN[one].key and CHILDREN[one].parent in able
        }
        return able | children

    def tables(self, dlt: Any, name: str) -> Iterator[Any]:
        """Yield the rows of one list, and note in dlt's state what was read."""
        parquet = required("pyarrow.parquet", "halo_source", "dlt")
        pyarrow = required("pyarrow", "halo_source", "dlt")
        state, base = _find_state(dlt, self.source)
        if name not in self._left:
            self._run_export(state, self.staging or base)
        with parquet.ParquetFile(str(self._files[name])) as file:
            schema = with_required_key(file.schema_arrow, file.metadata, KEY)
            columns = [{"name": column, "data_type": "json"} for column in json_columns(schema)]
            hints = dlt.mark.make_hints(columns=columns, primary_key=KEY)
            if not file.metadata.num_rows:
                yield dlt.mark.with_hints(schema.empty_table(), hints)
            for batch in file.iter_batches(BATCH):
                table = pyarrow.Table.from_batches([batch.cast(schema)])
                yield table if hints is None else dlt.mark.with_hints(table, hints)
                hints = None
        self._left.discard(name)
        if name in self._stamps:
            state.setdefault("stamps", {})[name] = self._stamps[name]
        state["run"] = uuid.uuid4().hex
        if not self._left:
            shutil.rmtree(self._folder)
            if self.staging is None:
                with suppress(OSError):  # a later run's export may be in it
                    self._folder.parent.rmdir()

    def _run_export(self, state: Mapping[str, Any], base: Path) -> None:
        """Export all lists, or resume an export that a killed run left."""
        from anyio.from_thread import start_blocking_portal

        stamps = {name: at for name, at in state.get("stamps", {}).items() if name in self.changing}
        folder = base / f"{state.get('run', 'first')}-{self._digest_options(stamps)}"
        _clear(base, folder)
        with start_blocking_portal() as portal:  # the caller's thread may have a loop that runs: a notebook
            report = portal.call(self._export_parts, folder, stamps)
        self._folder, self._left, self._stamps = folder, set(self.names), {}
        for part, made in report.items():
            for item in made.resources:
                if item.resource in self._choose_lists(part, stamps):
                    self._files[item.resource] = folder / part / item.file
                    if item.resource in self.changing and item.resource in made.stamps:
                        self._stamps[item.resource] = made.stamps[item.resource]

    def _choose_lists(self, part: str, stamps: Mapping[str, str]) -> list[str]:
        """Return the lists that are read as changes, or whole."""
        changes = [
            name
            for name in self.names
            if name in stamps and (name not in CHILDREN or CHILDREN[name].parent in stamps)
        ]
        return changes if part == "changes" else [name for name in self.names if name not in changes]

    async def _export_parts(self, folder: Path, stamps: Mapping[str, str]) -> dict[str, Report]:
        reports: dict[str, Report] = {}
        async with self.client() as halo:
            for part in ("whole", "changes"):
                chosen = self._choose_lists(part, stamps)
                if not chosen:
                    continue
                since = earlier(min(stamps[name] for name in chosen), OVERLAP) if part == "changes" else None
                reports[part] = await halo.export(
                    chosen,
                    folder / part,
                    format="parquet",
                    nested="json",
                    since=since,
                    resume=True,
                    **self.options,
                )
                _check_report(reports[part], chosen)
        return reports

    def _digest_options(self, stamps: Mapping[str, str]) -> str:
        """Return a digest of what the export depends on: with other options another one begins."""
        text = json.dumps([self.names, dict(self.options), dict(stamps)], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def _check_report(report: Report, chosen: Sequence[str]) -> None:
    """Refuse an export that lacks rows: nothing of it is loaded, and the next run resumes it.

    :raises IncompleteError: a list is not complete.
    """
    for item in report.resources:
        if item.resource in chosen and not item.complete:
            raise IncompleteError(
                f"The export of {item.resource} is not complete: {item.error or item.state} "
                "Nothing was loaded. Run the pipeline again to resume it."
            )


def _find_state(dlt: Any, source: str) -> tuple[dict[str, Any], Path]:
    """Return the state and the folder that stay with the pipeline; of this call only where no pipeline runs."""
    exceptions = required("dlt.common.exceptions", "halo_source", "dlt")
    try:
        state = dlt.current.source_state()
    except exceptions.PipelineException:
        return {}, Path(tempfile.mkdtemp(prefix="halo-dlt-"))
    return state.setdefault(source, {}), Path(dlt.current.pipeline().working_dir) / source


def _clear(base: Path, folder: Path) -> None:
    """Delete what former runs left, but for the export that is resumed."""
    for other in base.glob("*-*"):
        if other.is_dir() and other != folder:
            shutil.rmtree(other)
    folder.mkdir(parents=True, exist_ok=True)
