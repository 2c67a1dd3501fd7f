"""Names under which third parties give the cursor of the next page: in lower case, without punctuation."""

from __future__ import annotations

SPELLINGS = (
    "nextlink",
    "odatanextlink",
    "nexturl",
    "nextpageurl",
    "nextpagetoken",
    "nexttoken",
    "continuationtoken",
    "nextcursor",
    "nextrecordsurl",
    "pagingnextafter",
    "nexthref",
    "nextpage",
    "next",
    "cursor",
)
