"""Pages of the journal, whole or of one action, are read from an index in its order; a subject is found without its kind."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0001_entries"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="entry",
            name="journal_of_a_subject",
        ),
        migrations.RemoveIndex(
            model_name="entry",
            name="journal_by_instant",
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["subject_id", "subject_kind", "at"], name="journal_of_a_subject"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["at", "id"], name="journal_in_order"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["action", "at", "id"], name="journal_in_order_by_action"),
        ),
    ]
