"""`export`, with its options: a function of a client, and the method `Halo.export` of every client."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from halo_async._operations.common_mistakes import called_as
from halo_async._utils.validation import names

if TYPE_CHECKING:
    from datetime import date, timedelta

    from halo_async.export.progress import OnProgress
    from halo_async.export.protocols import ExportClient
    from halo_async.export.report import Report


@called_as('halo.export(["tickets"], "out", format="csv")')
async def export(
    halo: ExportClient,
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
    """Export complete lists to a folder: one file per list, and `report.json` beside them.

    A list that fails or stays incomplete leaves a `.part` file, and the others go on; the report says which,
    and a later call with `resume=True` resumes it. On cancellation the report is written, too.

    ```python
    report = await halo.export(["client", "agent"], "out", format="csv")
    for resource in report.resources:
        print(resource.resource, resource.state, resource.rows)
    ```

    :param halo: an open client.
    :param resources: names of lists, such as `tickets`, `ClientContract` or `client_contract`; none for those of an
        export that is resumed (`resume`, `since="last"`), whose other options hold, too, unless given.
    :param out: a folder that is new or empty, or an address that fsspec knows (`s3://bucket/folder`).
    :param format: `jsonl`, `jsonl.gz`, `jsonl.zst`, `csv`, `parquet`, `duckdb` or `sqlite`; by default `jsonl`,
        or that of the export that is resumed.
    :param since: only rows changed since a moment (`"2026-01-31"`, a date, a datetime) or for a span before now
        (`"7d"`, `"12h"`, `"30m"`, `"2w"`, `"P7D"`, a timedelta); `"last"`: since the export in `out`, which is brought
        up to date.
    :param resume: resume what is unfinished in `out`; begin if nothing is.
    :param filters: query parameters by resource: `{"tickets": {"open_only": True}}`.
    :param flatten: for formats with columns, fields such as `customfields` whose named values get their own.
    :param concurrency: requests in flight for one resource; 2 under a limit and 8 without, by default.
    :param include_inactive: request inactive, disabled and API-only rows too, by the switches of each list that has
        some (`includeinactive`, `includedisabled`, `includeapiagents`, …). They count as filters; one given in
        `filters` wins.
    :param all_parents: with `since="last"`, request the rows of all parents, not only of changed ones.
    :param columns: fields by resource, `{"tickets": ["id", "summary"]}`, or those of the only resource; all by
        default.
    :param partition_by: for Parquet, folders by `month:dateoccurred`, `year:…`, `day:…` or the values of a field.
    :param rows_per_file: for Parquet, a folder of files of at most so many rows.
    :param nested: `"json"`: objects and lists are JSON text in Parquet and DuckDB, too.
    :param never_as_null: in tables, dates that mean "never" (0001-01-01, 1899-12-30, 1900-01-01, 9999-12-31) are null.
    :param on_progress: called after every page; an exception from it ends the export, and what is there can be
        resumed. By default Jupyter shows bars, and nothing is shown elsewhere.
    :param scheduler: of a Dask cluster that reads: `tcp://host:8786`, `local:4` for
        processes of this machine, or an open `distributed.Client`. Requires the extra `dask`.
    :param staging: a folder or address, which workers and this process reach, for the parts that workers write;
        `.halo-parts` below `out` by default.
    :param worker_login: `environment` (default): workers log in by their own HALO_CLIENT_ID and HALO_CLIENT_SECRET;
        `send`: the login is sent to them, only to a scheduler with `tls://` or on this machine.
    :raises SettingsError: an unknown resource or option, a folder that cannot be used or is in use, or an
        unfinished export that was begun with other options.
    :raises AuthenticationError: the login was refused; nothing was written.
    :raises ClusterError: the scheduler does not respond, or has no workers.
    :raises OSError: the report cannot be written.
    """
    from halo_async.export.engine import run_export
    from halo_async.export.notebook import own_progress

    return await run_export(
        halo,
        names("resources", resources),
        out,
        own_progress() if on_progress is None else on_progress,
        (scheduler, staging, worker_login),
        format=format,
        since=since,
        resume=resume,
        filters=filters,
        flatten=names("flatten", flatten),
        concurrency=concurrency,
        include_inactive=include_inactive,
        all_parents=all_parents,
        columns=columns,
        partition_by=partition_by,
        rows_per_file=rows_per_file,
        nested=nested,
        never_as_null=never_as_null,
    )
