"""Invented names. None is meant to be that of a real person or company."""

from __future__ import annotations

PLACES = (
    "Bramblewick", "Tarnfield", "Oxmoor", "Quillham", "Fennet", "Harrowby Vale", "Larkstone",
    "Mosswater", "Nettlecombe", "Pindle", "Rookhollow", "Saltmarsh End", "Thistledown",
    "Umberleigh", "Wexcombe", "Yarrowgate", "Ashlade", "Birchover", "Cinderford Bay", "Dunmallow",
    "Elmsgrove", "Foxley Wood", "Gorsebank", "Hazelmere Top", "Ivelstone", "Juniper Hill",
    "Kestrel Bay", "Lindenholt", "Marlpit", "Northwillow", "Otterbrook", "Plumstead Lea",
)  # fmt: skip
TRADES = (
    "Joinery", "Dental", "Logistics", "Brewing", "Surveyors", "Textiles", "Bakeries", "Opticians",
    "Printworks", "Foundry", "Veterinary", "Law", "Ceramics", "Marine", "Nurseries", "Accounting",
    "Robotics", "Glassworks", "Housing", "Foods", "Energy", "Architects", "Schools Trust",
    "Museums", "Ferries", "Orchards",
)  # fmt: skip
FIRST = (
    "Maren", "Tovik", "Elsin", "Bryal", "Corwen", "Dessa", "Ferrin", "Galia", "Hollin", "Isko",
    "Jorra", "Kelmar", "Lirien", "Morvan", "Nessic", "Orlin", "Perrel", "Quenna", "Rostan",
    "Silvane", "Tamsel", "Ulric", "Verity", "Wendel", "Yorrick", "Zella", "Adrin", "Belis",
    "Calder", "Dorrit",
)  # fmt: skip
LAST = (
    "Ashdown", "Brackwater", "Coldwell", "Dunnering", "Eastlake", "Fairbrook", "Greyling",
    "Hartsong", "Inglewood", "Jessamy", "Kettlewell", "Longmead", "Merrow", "Northgate",
    "Oakhanger", "Penhallow", "Quickthorn", "Ravensby", "Stillwater", "Thornbury", "Underhill",
    "Vintner", "Wainscott", "Yardley", "Zephyrine",
)  # fmt: skip
SITES = ("Main office", "North depot", "Harbour yard", "Workshop", "Training centre", "Annexe", "Warehouse 2")
STREETS = (
    "Mill Lane", "Quarry Road", "Station Approach", "Canal Street", "Orchard Way", "Beacon Hill",
    "Ropewalk",
)  # fmt: skip
TOWNS = ("Eastmere", "Widdowby", "Port Alder", "Castle Linnet", "Great Hobley", "Stow Minor")

PROBLEMS = (
    "cannot sign in", "is very slow this morning", "prints blank pages", "lost its network drive",
    "shows a certificate warning", "needs a new licence", "does not sync", "is out of disk space",
    "keeps restarting", "cannot open shared mailbox", "has no sound in meetings",
    "asks for a recovery key", "will not wake from sleep", "rejects the badge",
    "drops Wi-Fi every hour", "was delivered with a broken screen",
)  # fmt: skip
THINGS = (
    "Laptop", "Printer on floor 2", "Accounts package", "VPN client", "Mail on the phone",
    "Meeting room screen", "Door controller", "Backup job", "Till 3", "Warehouse scanner",
    "File server", "Web shop", "Payroll export", "Docking station", "Telephone system",
    "Time clock",
)  # fmt: skip
REQUESTS = (
    "New starter: set up an account", "Leaver: close the account", "Request for a second screen",
    "Access to the finance folder", "Move of desk phones", "Quote for ten laptops",
    "Change of mailing list owner", "Install the drawing package", "Password policy question",
    "Order toner", "Renew the web domain",
)  # fmt: skip
NOTES = (
    "Called back, left a message.", "Restarted the service and watched it for ten minutes.",
    "Asked for a screenshot.", "Remote session: reinstalled the driver.",
    "Waiting for the supplier.", "Works again after the update; closing unless we hear otherwise.",
    "Escalated with the logs attached.", "Confirmed with the user that all is well.",
    "Ordered the part, due on Thursday.",
)  # fmt: skip
PLAIN = (
    "amber", "basalt", "cedar", "drift", "ember", "flint", "gable", "harbour", "iris", "jetty",
    "kelp", "lantern", "meadow", "nimbus", "opal", "pebble", "quartz", "ridge", "sable", "tundra",
    "umber", "violet", "willow", "zenith",
)  # fmt: skip
COLOURS = ("#1f77b4", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf")
