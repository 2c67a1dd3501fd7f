"""Areas of Halo's scopes, with the collections of each.

Halo's scopes are ``all``, ``all:standard``, ``admin`` and ``read:``, ``edit:`` and ``editMine:`` of areas (measured).
Actions need the tickets scope and sites the customers scope (measured); the area of other collections is a guess by
their names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

AREAS: Mapping[str, Sequence[str]] = {
    "tickets": ["Tickets", "Actions", "Attachment", "TicketApproval", "Feed", "Outcome"],
    "calendar": ["Appointment", "Holiday", "Workday"],
    "customers": ["Client", "Site", "Users", "TopLevel", "Address", "UserChange"],
    "crm": ["CRMNote", "EmailAddressBook", "DistributionLists", "MailCampaign"],
    "contracts": ["ClientContract", "ContractSchedule", "ClientPrepay", "BillingTemplate"],
    "suppliers": ["Supplier", "SupplierContract"],
    "items": ["Item", "ItemStock", "ItemStockHistory", "ItemSupplier"],
    "projects": ["Projects", "Milestone"],
    "sales": ["Opportunities"],
    "quotes": ["Quotation"],
    "sos": ["SalesOrder"],
    "pos": ["PurchaseOrder"],
    "invoices": ["Invoice", "RecurringInvoice", "InvoicePayment", "InvoiceChange"],
    "reporting": ["Report", "ReportData", "DashboardLinks"],
    "software": ["AssetSoftware"],
    "softwarelicensing": ["SoftwareLicence", "LicenceChange"],
    "kb": ["KBArticle", "FAQLists"],
    "assets": ["Asset", "AssetChange", "AssetType", "AssetGroup", "DeviceApplications"],
    "timesheets": ["Timesheet", "TimesheetEvent"],
}
"""By area, the collections whose requests need its scope; the first stands for all of it."""
EVERYTHING = frozenset({"all", "all:standard"})
"""Scopes that permit every area."""


def scopes_for(area: str, *, editing: bool) -> tuple[str, ...]:
    """Return the scopes any one of which permits to read, or to edit, an area."""
    own = (f"edit:{area}", f"editMine:{area}")
    return own if editing else (f"read:{area}", *own)
