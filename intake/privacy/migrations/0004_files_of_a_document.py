"""Load the erasing functions again: a document of a draft may be made of several files."""

from pathlib import Path

from django.db import migrations
from django.db.migrations import RunSQL

_SQL = Path(__file__).parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("privacy", "0003_former_addresses"), ("submissions", "0003_files_of_a_document")]

    operations = [
        RunSQL((_SQL / f"{name}.sql").read_text(encoding="utf-8"), RunSQL.noop)
        for name in ("erase_submission", "erase_account")
    ]
