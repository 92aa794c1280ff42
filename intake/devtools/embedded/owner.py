"""The connection of the owner of the tables, for what the application's role may not do."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from intake.settings import services


@contextmanager
def as_owner() -> Iterator[None]:
    """Connect Django as the owner for the block, outside any transaction, if `DATABASE_OWNER_URL` names one.

    An account change without an author is the owner's: invented staff get their role so.
    """
    address = os.environ.get("DATABASE_OWNER_URL", "")
    if not address:
        yield
        return
    given, owner = connection.settings_dict, services.database(address)
    before = {key: given[key] for key in ("USER", "PASSWORD")}
    _reconnect(given, {key: owner[key] for key in before})
    try:
        yield
    finally:
        _reconnect(given, before)


def _reconnect(given: dict[str, object], role: dict[str, object]) -> None:
    connection.close()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool is not None:
        close_pool()
    given.update(role)
