"""What is sealed, and the PDF files made of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import Q

from intake.journal.privileges import append_only

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))


class Migration(migrations.Migration):
    initial = True
    dependencies = [("journal", "0001_chained_entries")]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ID,
                ("digest", models.CharField("empreinte", max_length=71, unique=True)),
                ("schema", models.PositiveSmallIntegerField("schéma")),
                ("canonical", models.TextField("contenu scellé", null=True)),
                ("salt", models.CharField("sel", max_length=64, null=True)),
                ("created_at", models.DateTimeField("scellé le")),
            ],
            options={
                "verbose_name": "sceau",
                "verbose_name_plural": "sceaux",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(digest__regex="^sha256:[0-9a-f]{64}$"), name="seal_digest_is_sha256"
                    ),
                    models.CheckConstraint(
                        condition=Q(canonical__isnull=True, salt__isnull=True)
                        | Q(canonical__isnull=False, salt__isnull=False, salt__regex="^[0-9a-f]{64}$"),
                        name="seal_keeps_content_and_salt_together",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Dossier",
            fields=[
                ID,
                ("number", models.CharField("numéro de dépôt", max_length=40, unique=True)),
                ("file", models.FileField("fichier", upload_to="dossiers", max_length=200)),
                ("sha256", models.CharField("empreinte SHA-256", max_length=64)),
                ("size", models.PositiveBigIntegerField("taille (octets)")),
                ("pages", models.PositiveIntegerField("pages")),
                ("built_at", models.DateTimeField("produit le")),
                (
                    "seal",
                    models.OneToOneField(
                        "dossiers.seal", models.RESTRICT, related_name="dossier", verbose_name="sceau"
                    ),
                ),
                ("starts", ArrayField(models.PositiveIntegerField(), blank=True, default=list)),
            ],
            options={
                "verbose_name": "dossier",
                "verbose_name_plural": "dossiers",
                "constraints": [
                    models.CheckConstraint(condition=Q(pages__gte=1), name="dossier_has_at_least_one_page"),
                    models.CheckConstraint(
                        condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="dossier_digest_is_sha256"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SignedReceipt",
            fields=[
                ID,
                ("number", models.CharField("numéro de dépôt", max_length=64, unique=True)),
                ("code", models.CharField("code de vérification", max_length=14, unique=True)),
                ("twin", models.TextField("accusé de réception en JSON")),
                ("file", models.FileField("fichier", upload_to="receipts", max_length=200)),
                ("sha256", models.CharField("empreinte SHA-256", max_length=64, unique=True)),
                ("size", models.PositiveIntegerField("taille (octets)")),
                ("built_at", models.DateTimeField("produit le")),
                (
                    "seal",
                    models.OneToOneField(
                        "dossiers.seal", models.RESTRICT, related_name="signed_receipt", verbose_name="sceau"
                    ),
                ),
            ],
            options={
                "verbose_name": "accusé de réception signé",
                "verbose_name_plural": "accusés de réception signés",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="signed_receipt_digest_is_sha256"
                    ),
                    models.CheckConstraint(
                        condition=Q(code__regex="^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$"),
                        name="receipt_code_is_three_groups_of_four",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RemadeReceipt",
            fields=[
                ID,
                ("sha256", models.CharField("empreinte SHA-256", max_length=64, unique=True)),
                ("size", models.PositiveIntegerField("taille (octets)")),
                ("built_at", models.DateTimeField("produit le")),
                (
                    "receipt",
                    models.ForeignKey(
                        "dossiers.signedreceipt",
                        models.RESTRICT,
                        related_name="remade",
                        verbose_name="accusé",
                    ),
                ),
            ],
            options={
                "verbose_name": "accusé de réception refait",
                "verbose_name_plural": "accusés de réception refaits",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="remade_receipt_digest_is_sha256"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LostDossier",
            fields=[
                ID,
                ("sha256", models.CharField("empreinte SHA-256", max_length=64)),
                ("size", models.PositiveBigIntegerField("taille (octets)")),
                ("pages", models.PositiveIntegerField("pages")),
                ("built_at", models.DateTimeField("produit le")),
                ("noted_at", models.DateTimeField("remplacé le")),
                (
                    "dossier",
                    models.ForeignKey(
                        "dossiers.dossier", models.RESTRICT, related_name="lost", verbose_name="dossier"
                    ),
                ),
            ],
            options={
                "verbose_name": "dossier PDF introuvable",
                "verbose_name_plural": "dossiers PDF introuvables",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="lost_dossier_digest_is_sha256"
                    )
                ],
            },
        ),
        append_only("dossiers_seal"),
        append_only("dossiers_signedreceipt"),
        append_only("dossiers_remadereceipt"),
        append_only("dossiers_lostdossier"),
    ]
