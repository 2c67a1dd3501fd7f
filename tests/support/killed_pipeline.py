"""A dlt pipeline in a process of its own, to be killed. Arguments: URL, client id, secret, folder."""

from __future__ import annotations

import sys
from pathlib import Path

from halo_async import ClientCredentials, Halo
from halo_async.dlt import halo_source


def run_pipeline(url: str, client_id: str, secret: str, folder: Path) -> None:
    """Load tickets into `FOLDER/out.duckdb`."""
    import dlt

    def client() -> Halo:
        return Halo(url, ClientCredentials(client_id, secret), rate_limit=None)

    pipeline = dlt.pipeline(
        "halo",
        destination=dlt.destinations.duckdb(str(folder / "out.duckdb")),
        pipelines_dir=str(folder / "pipelines"),
    )
    pipeline.run(halo_source(client, resources="tickets"))


if __name__ == "__main__":
    run_pipeline(*sys.argv[1:4], Path(sys.argv[4]))  # type: ignore[call-arg, arg-type]
