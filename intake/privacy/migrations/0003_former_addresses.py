"""Load the erasing functions again: they look for every address that an account had, since its person may change it."""

from pathlib import Path

from django.db import migrations
from django.db.migrations import RunSQL

_SQL = Path(__file__).parents[1] / "sql"
_NAMES = (
    *("addresses_of_account", "mails_of_account", "names_the_person"),
    *("erase_journal_details", "erase_submission", "erase_account"),
)


class Migration(migrations.Migration):
    dependencies = [("privacy", "0002_incidents"), ("accounts", "0006_own_address")]

    operations = [
        # In a database of before, they take one address.
        RunSQL("DROP FUNCTION IF EXISTS names_the_person(text, text, text)", RunSQL.noop),
        RunSQL("DROP FUNCTION IF EXISTS erase_journal_details(text, text)", RunSQL.noop),
        *(RunSQL((_SQL / f"{name}.sql").read_text(encoding="utf-8"), RunSQL.noop) for name in _NAMES),
        RunSQL("REVOKE EXECUTE ON FUNCTION erase_journal_details FROM PUBLIC", RunSQL.noop),
    ]
