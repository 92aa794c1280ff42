"""Drafts remember until when their person knows what was done to the offer; those of before, since they were opened."""

import django.contrib.postgres.functions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("submissions", "0007_lists_at_any_size")]

    operations = [
        migrations.AddField(
            model_name="draft",
            name="changes_noted_at",
            field=models.DateTimeField(db_default=django.contrib.postgres.functions.TransactionNow()),
        ),
        migrations.RunSQL(
            "UPDATE submissions_draft SET changes_noted_at = opened_at", migrations.RunSQL.noop
        ),
    ]
