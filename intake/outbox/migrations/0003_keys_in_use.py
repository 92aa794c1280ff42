"""Fingerprints of the keys that the running processes have."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0002_heartbeats_and_outages")]

    operations = [
        migrations.CreateModel(
            name="KeyInUse",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        verbose_name="ID", auto_created=True, primary_key=True, serialize=False
                    ),
                ),
                ("variable", models.CharField(max_length=40)),
                ("fingerprint", models.CharField(max_length=64)),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=["variable", "fingerprint"], name="a_key_in_use_has_one_row"
                    ),
                ],
            },
        ),
    ]
