"""Each entry has a link that proves it; who writes them comes next."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0002_journal_in_order"),
    ]

    operations = [
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="link",
                        serialize=False,
                        to="journal.entry",
                    ),
                ),
                ("lane", models.PositiveSmallIntegerField()),
                ("position", models.PositiveBigIntegerField()),
                ("salt", models.UUIDField(null=True)),
                ("commitment", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "maillon du journal",
                "verbose_name_plural": "maillons du journal",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lane", "position"), name="a_chain_has_one_link_per_position"
                    )
                ],
            },
        ),
    ]
