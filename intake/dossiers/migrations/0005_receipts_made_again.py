import django.db.models.deletion
from django.db import migrations, models

from intake.web import privileges


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0004_signed_receipts")]

    operations = [
        migrations.CreateModel(
            name="RemadeReceipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(max_length=64, unique=True, verbose_name="empreinte SHA-256")),
                ("size", models.PositiveIntegerField(verbose_name="taille (octets)")),
                ("built_at", models.DateTimeField(verbose_name="produit le")),
                (
                    "receipt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="remade",
                        to="dossiers.signedreceipt",
                        verbose_name="accusé",
                    ),
                ),
            ],
            options={
                "verbose_name": "accusé de réception produit de nouveau",
                "verbose_name_plural": "accusés de réception produits de nouveau",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="remade_receipt_digest_is_sha256",
                    ),
                ],
            },
        ),
        privileges.append_only("dossiers_remadereceipt"),
    ]
