import django.db.models.deletion
from django.db import migrations, models

from intake.web import privileges


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0003_where_documents_start")]

    operations = [
        migrations.CreateModel(
            name="SignedReceipt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=64, unique=True, verbose_name="numéro de dépôt")),
                ("code", models.CharField(max_length=14, unique=True, verbose_name="code de vérification")),
                ("twin", models.TextField(verbose_name="accusé en JSON")),
                ("file", models.FileField(max_length=200, upload_to="receipts", verbose_name="fichier")),
                ("sha256", models.CharField(max_length=64, unique=True, verbose_name="empreinte SHA-256")),
                ("size", models.PositiveIntegerField(verbose_name="taille (octets)")),
                ("built_at", models.DateTimeField(verbose_name="produit le")),
                (
                    "seal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="signed_receipt",
                        to="dossiers.seal",
                        verbose_name="sceau",
                    ),
                ),
            ],
            options={
                "verbose_name": "accusé de réception signé",
                "verbose_name_plural": "accusés de réception signés",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="signed_receipt_digest_is_sha256",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("code__regex", "^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$")
                        ),
                        name="receipt_code_is_three_groups_of_four",
                    ),
                ],
            },
        ),
        privileges.append_only("dossiers_signedreceipt"),
    ]
