"""Groups of words for the same thing, from the overlay: what suggestions look for beside what was typed."""

from __future__ import annotations

from halo_generator.overlay import Overlay


def groups(facts: Overlay) -> tuple[tuple[str, ...], ...]:
    """Each group in order, and the groups in order. A schema and its record are words for the same thing.

    A word of people's may be in two groups, such as the company that is a client or, for Halo, a supplier.
    """
    pairs = [(schema, record) for schema, record in facts.records.items() if schema not in _find_taken(facts)]
    found: list[set[str]] = []
    for group in [*pairs, *((word, *others) for word, others in facts.words.items())]:
        merged = {_squeeze_word(word) for word in group}
        shared = {_squeeze_word(group[0])} if group[0] in facts.words else merged
        for other in [known for known in found if known & shared]:
            found.remove(other)
            merged |= other
        found.append(merged)
    return tuple(sorted(tuple(sorted(group)) for group in found if len(group) > 1))


def _find_taken(facts: Overlay) -> set[str]:
    """Schemas whose name is another record's: a word for two things stands for neither."""
    return {schema for schema in facts.records if schema in facts.records.values()}


def _squeeze_word(word: str) -> str:
    return word.replace("_", "").lower()
