"""What the role of the application cannot do: erase what is not due, or erase by itself."""

import psycopg
import pytest
from django.db import connection

from intake.privacy.models import Erasure
from tests.database.attempts import Connection
from tests.factories.review import make_filed
from tests.factories.submissions import make_open_offer


@pytest.mark.django_db(transaction=True)
def test_the_role_of_the_application_erases_no_fresh_file(
    app_connection: Connection,
) -> None:
    filed = make_filed(make_open_offer())
    for statement in (
        f"SELECT erase_submission({filed.pk})",
        "UPDATE dossiers_seal SET canonical = NULL, salt = NULL",
        "INSERT INTO privacy_erasure (kind, outcome, files) VALUES ('DRAFT', 'DRAFT', '{}')",
        "SELECT erase_journal_details('{a}', 'b')",
    ):
        with pytest.raises(psycopg.Error, match=r"is kept until|permission denied"):
            app_connection.execute(statement.encode())
    assert not Erasure.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM dossiers_seal WHERE canonical IS NULL")
        assert cursor.fetchone() == (0,)
