"""State of one instance: its dataset and its tables, each created on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from halo_async._utils.clock import Clock
from halo_async._utils.openapi_document import Document
from halo_async.emulator.action_table import ActionTable
from halo_async.emulator.data.actions import Actions
from halo_async.emulator.data.asset_types import asset_types, fields
from halo_async.emulator.data.assets import Assets
from halo_async.emulator.data.custom_fields import field_infos
from halo_async.emulator.data.dataset import (
    OPPORTUNITY_TYPES,
    PROJECT_TYPES,
    TICKET_TYPES,
    Dataset,
    categories,
    priorities,
    statuses,
    teams,
    ticket_types,
)
from halo_async.emulator.data.generic import Generated
from halo_async.emulator.data.people import Agents, Clients, Sites, Users
from halo_async.emulator.data.seeded_random import SeededRandom, stamp
from halo_async.emulator.data.source import DataSource, Few, Parent, Sparse
from halo_async.emulator.data.tickets import Tickets
from halo_async.emulator.files.file_store import UploadedFiles
from halo_async.emulator.routes import EmulatedOperation, Routes
from halo_async.emulator.schema import Schema, Schemas, body_schema, response_schema, states_responses
from halo_async.emulator.table import Table

# Collections whose default response would be megabytes, so that tests of unpaged lists see many rows.
LONG = {
    "/Appointment": 3,
    "/Outgoing": 3,
    "/Feed": 5,
    "/CRMNote": 8,
    "/Invoice": 4,
    "/Item": 3,
    "/KBArticle": 3,
}

# Collections whose ids are unique only within a parent (measured).
PARENTS = {
    "/Lookup": Parent("lookupid", 6),
    "/AssetTypeInfo": Parent("typeinfo_id", 4),
    "/Timesheet": Parent("agent_id", 7, nameless=True),
}


class EmulatorState:
    """The state of one instance."""

    def __init__(self, routes: Routes, document: Document, clock: Clock, *, seed: int, tickets: int) -> None:
        self.routes = routes
        self.tenant: str | None = None
        self.utc_offset = 0
        """Minutes between its dates and UTC."""
        self.shelf = UploadedFiles()
        self.schemas = Schemas(document)
        self.created = 201 if states_responses(document) else 200
        """Status of a successful write."""
        self.clock = clock
        self.desk = Dataset(seed, tickets)
        self._tables: dict[str, Table] = {}
        self._fields: dict[str, frozenset[str]] = {}
        self._actions: ActionTable | None = None

    def now(self) -> str:
        """Return the current time in the server's row format."""
        now = self.clock.time() + self.utc_offset * 60
        return stamp(int(now), int(now % 1 * 1000) * 10_000)

    @property
    def actions(self) -> ActionTable:
        """The actions of all tickets."""
        if self._actions is None:
            tickets = self.table("/Tickets")
            self._actions = ActionTable(Actions(self.desk, tickets.source), tickets)
        return self._actions

    def table(self, path: str) -> Table:
        """Return the table of a collection's path, spelt as in the document."""
        if path not in self._tables:
            self._tables[path] = self._make_table(path)
        return self._tables[path]

    def tables(self) -> Mapping[str, Table]:
        """Return the tables created so far, by path."""
        return dict(self._tables)

    def forget(self, paths: set[str]) -> None:
        """Reset some tables to their seed."""
        for path in paths:
            fresh = self._make_table(path)
            # The same object, since others refer to it.
            vars(self._tables[path]).update(vars(fresh))

    def _make_table(self, path: str) -> Table:
        modelled = MODELLED.get(path)
        source = self._generated(path) if modelled is None else modelled(self.desk)
        tickets = path in TICKET_LIKE
        table = Table(path, source, soft=tickets, newest_first=tickets)
        if path == "/Attachment":
            table.hidden = frozenset({"data_base64"})
        return table

    def _generated(self, path: str) -> DataSource:
        listed, whole = self.row_schemas(path)
        count = 3 + SeededRandom(self.desk.seed, path)(0) % 20
        if path in LONG:
            count = min(5000, self.desk.clients * LONG[path] + 120)
        if path in PARENTS:
            count = PARENTS[path].size * 5
        return Generated(
            self.schemas, self.desk.seed, path, count, listed, whole, self._find_key(path), PARENTS.get(path)
        )

    def _find_key(self, path: str) -> Schema | None:
        """Return the schema of the id in the path of one object, if there is such a path."""
        single = self._single(path)
        declared = [item for item in single.parameters if item["in"] == "path"] if single else []
        schema: Schema | None = declared[-1].get("schema") if declared else None
        return schema

    def fields(self, path: str) -> frozenset[str]:
        """Return the lower-case names of all fields that rows of a collection can have."""
        if path not in self._fields:
            schemas = (schema for schema in self.row_schemas(path) if schema)
            self._fields[path] = frozenset(
                name.lower() for one in schemas for name in self.schemas.properties(one)
            )
        return self._fields[path]

    def row_schemas(self, path: str) -> tuple[Schema | None, Schema | None]:
        """Return the schemas of a collection's row and of its full object, where documented."""
        match = self.routes.find(path)
        listing = match.operation("GET") if match else None
        posting = match.operation("POST") if match else None
        written = self.schemas.row(body_schema(posting.raw)) if posting else None
        whole = self._object_schema(path) or written
        listed = (
            self.schemas.row(response_schema(listing.raw), listing.hints.get("rows_key")) if listing else None
        )
        return listed or whole, whole or listed

    def _object_schema(self, path: str) -> Schema | None:
        one = self._single(path)
        return response_schema(one.raw) if one else None

    def _single(self, path: str) -> EmulatedOperation | None:
        match = self.routes.find(f"{path}/1", "GET")
        return match.operation("GET") if match and "{" in match.path else None


def _projects(desk: Dataset) -> DataSource:
    count = max(3, min(400, desk.tickets // 50))
    return Tickets(desk, count, name="project", first_type=len(TICKET_TYPES) + 1, types=PROJECT_TYPES)


def _opportunities(desk: Dataset) -> DataSource:
    first = len(TICKET_TYPES) + len(PROJECT_TYPES) + 1
    count = max(3, min(400, desk.tickets // 60))
    return Tickets(desk, count, name="opportunity", first_type=first, types=OPPORTUNITY_TYPES)


TICKET_LIKE = frozenset({"/Tickets", "/Projects", "/Opportunities"})
MODELLED: dict[str, Callable[[Dataset], DataSource]] = {
    "/Tickets": lambda desk: Tickets(desk, desk.tickets),
    "/Projects": _projects,
    "/Opportunities": _opportunities,
    "/Client": Clients,
    "/Site": Sites,
    "/Users": Users,
    "/Agent": Agents,
    "/Asset": Assets,
    "/Status": lambda desk: Few(statuses(desk)),
    "/Priority": lambda desk: Few(priorities(desk)),
    "/TicketType": lambda desk: Few(ticket_types(desk)),
    "/Team": lambda desk: Few(teams(desk)),
    "/Category": lambda desk: Few(categories(desk)),
    "/AssetType": lambda desk: Few(asset_types(desk)),
    "/Field": lambda desk: Sparse(fields(desk)),
    "/FieldInfo": lambda desk: Sparse(field_infos(desk)),
}
