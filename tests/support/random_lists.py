"""Lists as instances are known to serve them, and worse: what the state machine reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st


@dataclass
class RandomList:
    """A list that may ignore what it is asked, count wrong, and change between two requests."""

    held: list[dict[str, Any]]
    cap: int
    honours_page_size: bool
    honours_page_no: bool
    honours_paging: bool
    shape: str
    count: str
    lie: int
    requests: int = field(default=0, init=False)
    said: set[int] = field(default_factory=set, init=False)
    made: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.made = len(self.held)

    def __call__(self, query: dict[str, str]) -> Any:
        self.requests += 1
        page = self._page(int(query["page_no"]), int(query["page_size"]))
        if self.shape == "array":
            return page
        envelope = {"columns": [{"id": -1}], "parcels": page}
        total = self._total(page)
        return envelope if total is None else {"record_count": total, **envelope}

    def _page(self, number: int, asked: int) -> list[dict[str, Any]]:
        if not self.honours_paging or self.shape == "array":
            return list(self.held)
        length = min(asked, self.cap) if self.honours_page_size else self.cap
        start = (number - 1) * length if self.honours_page_no else 0
        return self.held[start : start + length]

    def _total(self, page: list[dict[str, Any]]) -> int | str | None:
        if self.count == "missing":
            return None
        if not page and self.count == "zero past the end":
            return 0
        total = max(0, len(self.held) + (self.lie if self.count == "wrong" else 0))
        self.said.add(total)
        return str(total) if self.count == "text" else total

    @property
    def is_paged(self) -> bool:
        """Whether each page is another part of the list."""
        return self.honours_page_no and self.honours_paging and self.shape == "envelope"

    @property
    def counts(self) -> bool:
        """Whether its totals follow its rows."""
        return self.count not in ("missing", "wrong") and self.shape == "envelope"

    @property
    def ids(self) -> list[int]:
        return [row["id"] for row in self.held]

    def add(self, places: list[int]) -> None:
        for place in places:
            self.made += 1
            self.held.insert(place % (len(self.held) + 1), parcel(self.made))

    def remove(self, places: list[int]) -> None:
        for place in places:
            if self.held:
                del self.held[place % len(self.held)]

    def move_to_front(self, place: int, read: set[int]) -> bool:
        """As an update moves a row that was not yet read, where the latest update comes first."""
        waiting = [index for index, row in enumerate(self.held) if row["id"] not in read]
        if not waiting:
            return False
        self.held.insert(0, self.held.pop(waiting[place % len(waiting)]))
        return True


def random_lists() -> st.SearchStrategy[RandomList]:
    """Lists of which half are honest, since only these change in ways that must show."""
    length = st.integers(8, 60) | st.integers(0, 60) | st.sampled_from([99, 100, 101, 230])
    return st.builds(
        RandomList,
        held=length.map(lambda count: [parcel(number) for number in range(1, count + 1)]),
        cap=st.sampled_from([5, 5, 10, 10, 50, 100, 999]),
        honours_page_size=st.booleans(),
        honours_page_no=_mostly(True, False),
        honours_paging=_mostly(True, False),
        shape=_mostly("envelope", "array"),
        count=_mostly("right", "zero past the end", "text", "missing", "wrong"),
        lie=st.integers(-40, 40).filter(bool),
    )


def _mostly(usual: Any, *others: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([usual] * (7 if len(others) == 1 else 6) + list(others))


def parcel(number: int) -> dict[str, Any]:
    return {"id": number, "label": f"parcel {number}"}
