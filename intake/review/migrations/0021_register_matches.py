"""Open files whose person the register of past participants learned of since they filed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0020_incomplete_files"),
        ("submissions", "0016_complement_requests"),
    ]

    operations = [
        migrations.CreateModel(
            name="RegisterMatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="rang")),
                ("entered_at", models.DateTimeField(verbose_name="inscrite le")),
                (
                    "filing",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="register_match",
                        to="submissions.filing",
                    ),
                ),
            ],
            options={
                "verbose_name": "correspondance au registre",
                "verbose_name_plural": "correspondances au registre",
                "default_permissions": (),
            },
        ),
    ]
