"""The sessions of each account, for their owners to see and to end; the account change of a lost device."""

import uuid

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_account_changes"), ("sessions", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="OpenSession",
            fields=[
                (
                    "session",
                    models.OneToOneField(
                        to="sessions.session",
                        on_delete=models.DB_CASCADE,
                        primary_key=True,
                        serialize=False,
                        related_name="+",
                    ),
                ),
                ("public_id", models.UUIDField(unique=True, default=uuid.uuid4, editable=False)),
                ("device", models.CharField(max_length=60)),
                (
                    "user",
                    models.ForeignKey(
                        to=settings.AUTH_USER_MODEL, on_delete=models.DB_CASCADE, related_name="+"
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.AlterField(
            "accountchange",
            "kind",
            models.CharField(
                "changement",
                max_length=24,
                choices=[
                    ("ADDRESS", "Adresse courriel"),
                    ("ROLES", "Rôles"),
                    ("ADMINISTRATION", "Administration"),
                    ("CLOSING", "Fermeture du compte"),
                    ("REOPENING", "Réouverture du compte"),
                    ("SECOND_FACTOR", "Retrait d’un appareil perdu"),
                ],
            ),
        ),
    ]
