"""`Halo.export`: the method that every client has, with its options."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from halo_async._operations.common_mistakes import called_as

if TYPE_CHECKING:
    from datetime import date, timedelta

    from halo_async.export.progress import OnProgress
    from halo_async.export.report import Report


@called_as('export(["tickets"], "out", format="csv")')
async def export(
    self: Any,
    resources: str | Iterable[str],
    out: str | os.PathLike[str],
    *,
    format: str | None = None,
    since: str | date | timedelta | None = None,
    resume: bool = False,
    filters: Mapping[str, Mapping[str, Any]] | None = None,
    flatten: str | Iterable[str] = (),
    concurrency: int | None = None,
    include_inactive: bool = False,
    all_parents: bool = False,
    columns: Mapping[str, str | Iterable[str]] | str | Iterable[str] | None = None,
    partition_by: str | Mapping[str, str] | None = None,
    rows_per_file: int | None = None,
    nested: Literal["json"] | None = None,
    never_as_null: bool = False,
    on_progress: OnProgress | None = None,
    scheduler: Any = None,
    staging: str | None = None,
    worker_login: Literal["environment", "send"] | None = None,
) -> Report:
    """Export complete lists to a folder, one file per list: see `halo_async.export.engine.export`.

    ```python
    report = await halo.export(["client", "agent"], "out", format="csv")
    for resource in report.resources:
        print(resource.resource, resource.state, resource.rows)
    ```

    :param resources: names of lists, such as `tickets`; none for those of an export that is resumed.
    :param out: a folder that is new or empty, or an address that fsspec knows (`s3://bucket/folder`).
    :param format: `jsonl`, `jsonl.gz`, `jsonl.zst`, `csv`, `parquet`, `duckdb` or `sqlite`; `jsonl` by default.
    :param since: only rows changed since a moment or for a span (`"7d"`, a timedelta); `"last"`: since the
        export in `out`.
    :param resume: resume what is unfinished in `out`.
    :param filters: query parameters by resource: `{"tickets": {"open_only": True}}`.
    :param flatten: for formats with columns, fields whose named values get columns of their own.
    :param concurrency: requests in flight for one resource; 2 under a limit and 8 without, by default.
    :param include_inactive: request inactive, disabled and API-only rows too.
    :param all_parents: with `since="last"`, request the rows of all parents, not only of changed ones.
    :param columns: fields by resource, `{"tickets": ["id", "summary"]}`, or those of the only resource; all by
        default.
    :param partition_by: for Parquet, folders by `month:dateoccurred`, `year:…`, `day:…` or the values of a field.
    :param rows_per_file: for Parquet, a folder of files of at most so many rows.
    :param nested: `"json"`: objects and lists are JSON text in Parquet and DuckDB, too.
    :param never_as_null: dates that mean "never" are null in tables.
    :param on_progress: called after every page; an exception from it ends the export. By default Jupyter shows bars,
        and nothing is shown elsewhere.
    :param scheduler: of a Dask cluster that reads: `tcp://host:8786`, `local:4` or an open `distributed.Client`.
    :param staging: a folder or address, which workers and this process reach, for the parts that workers write.
    :param worker_login: `environment` (default), or `send` to send the login to the workers.
    :raises SettingsError: an unknown resource or option, or a folder that cannot be used.
    :raises ClusterError: the scheduler does not respond, or has no workers.
    :raises OSError: the report cannot be written.
    """
    from halo_async.export.engine import export
    from halo_async.export.notebook import own_progress

    return await export(
        self,
        resources,
        out,
        format=format,
        since=since,
        resume=resume,
        filters=filters,
        flatten=flatten,
        concurrency=concurrency,
        include_inactive=include_inactive,
        all_parents=all_parents,
        columns=columns,
        partition_by=partition_by,
        rows_per_file=rows_per_file,
        nested=nested,
        never_as_null=never_as_null,
        on_progress=own_progress() if on_progress is None else on_progress,
        scheduler=scheduler,
        staging=staging,
        worker_login=worker_login,
    )
