"""Invitations: the first second factor of an account of staff uses one up."""

import uuid

from django.conf import settings
from django.db import migrations, models

from offers.sql_files import load_sql


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_sessions_and_lost_devices"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        to=settings.AUTH_USER_MODEL,
                        on_delete=models.DB_CASCADE,
                        primary_key=True,
                        serialize=False,
                        related_name="+",
                    ),
                ),
                ("public_id", models.UUIDField(unique=True, default=uuid.uuid4, editable=False)),
                ("given_at", models.DateTimeField(editable=False)),
            ],
            options={"default_permissions": ()},
        ),
        load_sql(__file__, "use_up_invitation"),
    ]
