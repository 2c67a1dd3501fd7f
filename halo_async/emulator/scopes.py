"""Permissions of a token's scopes.

Halo's scopes are ``all``, ``all:standard``, ``admin`` and ``read:``/``edit:`` of areas (measured). Actions
need the tickets scope and sites the customers scope (measured); the area of other collections is a guess by
their names. A request beyond its scopes is a 401 with an empty body, as for a missing permission.
"""

from __future__ import annotations

_AREAS = {
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
_AREA_OF = {name.lower(): area for area, names in _AREAS.items() for name in names}


def allowed(scopes: frozenset[str], method: str, path: str) -> bool:
    """Return whether a token with these scopes permits a request."""
    if scopes & {"all", "all:standard"}:
        return True
    area = _AREA_OF.get(path.split("/")[1].lower())
    if area is None:
        # Configuration: any scope may read it, since every screen needs it (guess).
        return "admin" in scopes or (method == "GET" and bool(scopes))
    own = {f"editMine:{area}", f"edit:{area}"}
    return bool(scopes & (own if method != "GET" else own | {f"read:{area}"}))
