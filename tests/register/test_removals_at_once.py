"""Two people who remove the same row of the register at once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection

from intake.register.errors import AlreadyRemovedError
from intake.register.models import Participation, Removal
from intake.register.services import remove_participation
from tests.factories.participants import make_participation
from tests.factories.people import make_staff


def test_a_row_is_removed_by_the_first_of_two(app_connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    row, staff = make_participation(), make_staff()

    def remove() -> None:
        try:
            remove_participation(participation=row, reason="Doublon", actor=staff)
        finally:
            connection.close()

    with ThreadPoolExecutor() as pool:
        with app_connection.transaction():
            app_connection.execute(
                "INSERT INTO register_removal (participation, programme_id, year, reason, whole)"
                " SELECT id, programme_id, year, 'Erreur', whole FROM register_participation"
            )
            app_connection.execute("DELETE FROM register_participation")
            second = pool.submit(remove)
            with pytest.raises(TimeoutError):
                second.result(timeout=1)
        with pytest.raises(AlreadyRemovedError):
            second.result(timeout=30)
    assert list(Removal.objects.values_list("reason", flat=True)) == ["Erreur"]
    assert not Participation.objects.exists()
