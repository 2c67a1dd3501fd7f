"""Dimensions of one service desk: the number of records, their relations, the short lists used everywhere.

Relations are arithmetic, so that a row needs no other row: site ``s`` belongs to client
``(s - 1) % clients + 1``, user ``u`` to site ``(u - 1) % sites + 1``.
"""

from __future__ import annotations

from functools import cached_property

import attrs

from halo_async.emulator.data.seeded_random import SeededRandom, guid
from halo_async.emulator.data.source import Row
from halo_async.emulator.data.words import COLOURS, FIRST, LAST, PLACES, TRADES

# All seeded events lie before this moment, 2025-01-01T00:00:00Z: a seed always gives the same data.
UNTIL = 1_735_689_600
SINCE = UNTIL - 3 * 365 * 86_400

STATUSES = (
    ("New", False), ("In progress", False), ("Waiting for user", False), ("Waiting for supplier", False),
    ("Scheduled", False), ("On hold", False), ("Re-opened", False), ("Resolved", True), ("Closed", True),
)  # fmt: skip
CLOSED_STATUSES = frozenset(number for number, (_, closed) in enumerate(STATUSES, 1) if closed)
PRIORITIES = ("Critical", "High", "Medium", "Low")
TICKET_TYPES = ("Incident", "Service request", "Change request", "Problem", "Task", "Alert")
PROJECT_TYPES = ("Project", "Project task")
OPPORTUNITY_TYPES = ("Opportunity",)
CATEGORIES = (
    "Hardware>Laptop", "Hardware>Printer", "Software>Mail", "Software>Accounts", "Network>Wi-Fi", "Access",
)  # fmt: skip
TEAMS = ("Service desk", "Field engineers", "Infrastructure", "Projects")


@attrs.frozen(slots=False)
class Dataset:
    """Sizes, and the names that rows share."""

    seed: int
    tickets: int

    @cached_property
    def clients(self) -> int:
        """One client per 40 tickets, 5 to 2,000."""
        return max(5, min(2000, self.tickets // 40))

    @cached_property
    def sites(self) -> int:
        """Two per client on average."""
        return self.clients * 2

    @cached_property
    def users(self) -> int:
        """Ten per client."""
        return self.clients * 10

    @cached_property
    def assets(self) -> int:
        """Fifteen per client."""
        return self.clients * 15

    @cached_property
    def agents(self) -> int:
        """8 to 60."""
        return max(8, min(60, self.clients // 3))

    @cached_property
    def step(self) -> float:
        """Seconds between one ticket and the next."""
        return (UNTIL - SINCE - 8 * 86_400) / max(1, self.tickets)

    def client_of_site(self, site: int) -> int:
        """Return the client that a site belongs to."""
        return (site - 1) % self.clients + 1

    def site_of_user(self, user: int) -> int:
        """Return the site that a user belongs to."""
        return (user - 1) % self.sites + 1

    def client_name(self, client: int) -> str:
        """Return an invented company name; a number is appended once the combinations are used up."""
        place = PLACES[(client * 7 + self.seed) % len(PLACES)]
        trade = TRADES[(client * 11 + client // len(PLACES)) % len(TRADES)]
        lap = client // (len(PLACES) * len(TRADES))
        return f"{place} {trade} {lap + 1}" if lap else f"{place} {trade}"

    def client_domain(self, client: int) -> str:
        """Return its mail domain, under a name that is reserved for examples."""
        return f"{self.client_name(client).lower().replace(' ', '')}{client}.example"

    def user_name(self, user: int) -> str:
        """Return the name of an invented person."""
        return f"{FIRST[(user * 13 + self.seed) % len(FIRST)]} {LAST[(user * 7 + user // 30) % len(LAST)]}"

    def user_email(self, user: int) -> str:
        """Return the person's address at the client's domain."""
        domain = self.client_domain(self.client_of_site(self.site_of_user(user)))
        return f"{self.user_name(user).lower().replace(' ', '.')}{user}@{domain}"

    def agent_name(self, agent: int) -> str:
        """Return the name of an invented agent; agent 1 is the application that the client logs in as."""
        return "API Application" if agent == 1 else self.user_name(agent * 17 + 5)

    def team_of_agent(self, agent: int) -> int:
        """1 to the number of teams."""
        return agent % len(TEAMS) + 1


def statuses(desk: Dataset) -> list[Row]:
    """Rows of /Status."""
    dice = SeededRandom(desk.seed, "status")
    return [
        {
            "id": number,
            "guid": guid(dice(number)),
            "name": name,
            "shortname": name[:12],
            "colour": COLOURS[number % len(COLOURS)],
            "type": 1 if closed else 0,
            "sequence": number,
            "isclosed": closed,
        }
        for number, (name, closed) in enumerate(STATUSES, 1)
    ]


def priorities(desk: Dataset) -> list[Row]:
    """Rows of /Priority: the id is a UUID, ``priorityid`` is the number in tickets."""
    dice = SeededRandom(desk.seed, "priority")
    return [
        {
            "id": guid(dice(number)),
            "slaid": 1,
            "priorityid": number,
            "name": name,
            "fixtime": float(4**number),
            "fixunits": "H",
            "responsetime": float(number),
            "responseunits": "H",
            "ishidden": False,
            "colour": COLOURS[(number + 2) % len(COLOURS)],
            "startofday": False,
        }
        for number, name in enumerate(PRIORITIES, 1)
    ]


def ticket_types(desk: Dataset) -> list[Row]:
    """Rows of /TicketType: tickets first, then projects and opportunities."""
    dice = SeededRandom(desk.seed, "tickettype")
    names = TICKET_TYPES + PROJECT_TYPES + OPPORTUNITY_TYPES
    return [
        {
            "id": number,
            "guid": guid(dice(number)),
            "name": name,
            "use": "ticket"
            if name in TICKET_TYPES
            else "project"
            if name in PROJECT_TYPES
            else "opportunity",
            "sequence": number,
            "colour": COLOURS[number % len(COLOURS)],
            "enabled": True,
            "cancreate": True,
            "agentscanselect": True,
            "itilrequesttype": min(number, 4),
        }
        for number, name in enumerate(names, 1)
    ]


def teams(desk: Dataset) -> list[Row]:
    """Rows of /Team."""
    dice = SeededRandom(desk.seed, "team")
    return [
        {
            "id": number,
            "guid": guid(dice(number)),
            "name": name,
            "sequence": number,
            "forrequests": True,
            "foropps": name == "Projects",
            "forprojects": name == "Projects",
            "department_id": 1,
            "department_name": "Operations",
            "inactive": False,
        }
        for number, name in enumerate(TEAMS, 1)
    ]


def categories(desk: Dataset) -> list[Row]:
    """Rows of /Category: the first of a ticket's categories, each with the whole path in ``value``."""
    dice = SeededRandom(desk.seed, "category")
    return [
        {
            "id": number,
            "guid": guid(dice(number)),
            "value": path,
            "category_name": path.rpartition(">")[2],
            "type_id": 1,
        }
        for number, path in enumerate(CATEGORIES, 1)
    ]
