"""Load the erasing function of a submission again: it erases its arrivals too."""

from pathlib import Path

from django.db import migrations
from django.db.migrations import RunSQL

_SQL = Path(__file__).parents[1] / "sql"


class Migration(migrations.Migration):
    dependencies = [("privacy", "0005_files_under_inspection"), ("submissions", "0006_arrivals")]

    operations = [
        RunSQL((_SQL / "erase_submission.sql").read_text(encoding="utf-8"), RunSQL.noop),
    ]
