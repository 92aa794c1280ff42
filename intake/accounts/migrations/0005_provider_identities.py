"""Identities of the staff at the identity provider."""

from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_invitations")]

    operations = [
        migrations.CreateModel(
            name="ProviderIdentity",
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
                ("issuer", models.CharField(max_length=255)),
                ("subject", models.CharField(max_length=255)),
                ("linked_at", models.DateTimeField(editable=False)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=["issuer", "subject"], name="an_identity_opens_one_account"
                    ),
                    models.CheckConstraint(
                        condition=~Q(issuer="") & ~Q(subject=""),
                        name="an_identity_has_an_issuer_and_a_subject",
                    ),
                ],
            },
        ),
    ]
