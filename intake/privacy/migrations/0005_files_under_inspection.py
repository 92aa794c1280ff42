"""Load the erasing functions again: they delete the files that wait for their inspection too."""

from pathlib import Path

from django.db import migrations
from django.db.migrations import RunSQL

_SQL = Path(__file__).parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("privacy", "0004_files_of_a_document"), ("submissions", "0004_files_under_inspection")]

    operations = [
        RunSQL((_SQL / f"{name}.sql").read_text(encoding="utf-8"), RunSQL.noop)
        for name in ("erase_submission", "erase_account")
    ]
