"""Notes of the meetings that rank the candidatures: a table that only grows."""

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from intake.web.privileges import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0008_days_of_any_programme"),
        ("review", "0010_actions_on_many_and_saved_views"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MeetingNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField(verbose_name="note")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="instant",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="meeting_notes",
                        to="offers.offer",
                        verbose_name="offre",
                    ),
                ),
            ],
            options={
                "verbose_name": "note de réunion",
                "verbose_name_plural": "notes de réunion",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="a_meeting_note_says_something"
                    ),
                ],
            },
        ),
        append_only("review_meetingnote"),
    ]
