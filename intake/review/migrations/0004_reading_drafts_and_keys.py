"""Keep what a reader typed and did not submit, why they put a file aside, and the keys that they chose."""

from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("review", "0003_decisions"),
        ("submissions", "0003_indexes_of_refusals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="ReadingKeys",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("enabled", models.BooleanField(default=True, verbose_name="touches actives")),
                ("keys", models.JSONField(blank=True, default=dict)),
                (
                    "reader",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reading_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "touches de lecture",
                "verbose_name_plural": "touches de lecture",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ReadingDraft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fields", models.JSONField(blank=True, default=dict)),
                (
                    "aside_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="motif de mise de côté"),
                ),
                ("aside_at", models.DateTimeField(blank=True, null=True, verbose_name="mise de côté le")),
                ("saved_at", models.DateTimeField(verbose_name="enregistré le")),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="submissions.submission",
                    ),
                ),
            ],
            options={
                "verbose_name": "lecture en cours",
                "verbose_name_plural": "lectures en cours",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("submission", "reader"), name="a_reader_has_one_draft_of_a_reading"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("aside_at__isnull", True), ("aside_reason", "")),
                            models.Q(
                                ("aside_at__isnull", False), models.Q(("aside_reason", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="a_file_is_put_aside_for_a_reason",
                    ),
                ],
            },
        ),
    ]
