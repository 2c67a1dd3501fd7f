"""Warnings of stored logins that cannot be read: with a refresh token of before, the next login may be refused."""

from __future__ import annotations

import logging

logger = logging.getLogger("halo_async.auth")


class UnreadableLogins:
    """Those of one store. Of each is told once, by its place: what it holds may be half a token."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def note(self, place: str) -> None:
        """Warn of a stored login.

        :param place: where it is, without its content.
        """
        if place in self._told:
            return
        self._told.add(place)
        logger.warning(
            "the login stored in %s cannot be read and is not used. If the next one is refused (invalid_grant), its "
            "refresh token was used before: log in again for a new one. What is stored there is replaced then, "
            "or delete it",
            place,
        )
