"""Each new entry has a seal: see `intake.journal.seals`. The entries from before have none, and keep their chain."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("journal", "0001_chained_entries")]

    operations = [
        migrations.AddField("entry", "seal", models.CharField(max_length=128, default="", editable=False)),
        migrations.AddConstraint(
            "entry",
            models.UniqueConstraint(
                fields=["seal"],
                condition=models.Q(("seal", ""), _negated=True),
                name="a_seal_of_the_journal_is_used_once",
            ),
        ),
        # Not valid: only new rows are checked, and a row is never changed.
        AddConstraintNotValid(
            "entry",
            models.CheckConstraint(
                condition=models.Q(seal__regex=r"^[A-Za-z0-9_-]{1,20}\.[A-Za-z0-9_-]{22}\.[0-9a-f]{64}$"),
                name="journal_entry_is_sealed",
            ),
        ),
    ]
