"""Deliveries, the mails some of them send, and the files those mails carry."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, unique=True, verbose_name="identifiant public"
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="sorte")),
                ("key", models.CharField(max_length=200, verbose_name="clé")),
                ("subject_kind", models.CharField(blank=True, max_length=100, verbose_name="objet, sorte")),
                ("subject_id", models.CharField(max_length=64, verbose_name="objet")),
                ("due_at", models.DateTimeField(verbose_name="à faire dès")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PENDING", "En attente"),
                            ("LEASED", "En cours"),
                            ("DONE", "Effectué"),
                            ("DEAD", "En échec"),
                        ],
                        default="PENDING",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
                ("leased_until", models.DateTimeField(blank=True, null=True, verbose_name="bail jusqu’à")),
                ("lease_token", models.UUIDField(blank=True, editable=False, null=True)),
                ("last_error", models.TextField(blank=True, verbose_name="dernière erreur")),
                ("created_at", models.DateTimeField(verbose_name="demandé le")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="effectué le")),
            ],
            options={
                "verbose_name": "envoi",
                "verbose_name_plural": "envois",
                "permissions": [("resend_delivery", "Peut renvoyer un envoi en échec")],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["PENDING", "LEASED"])),
                        fields=["due_at"],
                        name="delivery_open_by_due_at",
                    ),
                    models.Index(fields=["subject_kind", "subject_id"], name="delivery_by_subject"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "key"), name="delivery_key_is_unique_per_kind"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("lease_token__isnull", False),
                                ("leased_until__isnull", False),
                                ("state", "LEASED"),
                            ),
                            models.Q(
                                models.Q(("state", "LEASED"), _negated=True),
                                ("lease_token__isnull", True),
                                ("leased_until__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="delivery_is_leased_until_an_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at__isnull", False), ("state", "DONE")),
                            models.Q(models.Q(("state", "DONE"), _negated=True), ("done_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="delivery_done_has_its_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("attempts__gte", 0)), name="delivery_attempts_are_counted"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["PENDING", "LEASED", "DONE", "DEAD"])),
                        name="delivery_state_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("message_id", models.CharField(max_length=200, unique=True, verbose_name="Message-ID")),
                ("to_address", models.EmailField(max_length=254, verbose_name="destinataire")),
                ("subject", models.CharField(max_length=200, verbose_name="objet du courriel")),
                ("text", models.TextField(verbose_name="texte")),
                ("html", models.TextField(blank=True, verbose_name="version HTML")),
                ("created_at", models.DateTimeField(verbose_name="composé le")),
                (
                    "sent_at",
                    models.DateTimeField(
                        blank=True, null=True, verbose_name="remis au serveur de courriel le"
                    ),
                ),
                (
                    "delivery",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="message",
                        to="outbox.delivery",
                    ),
                ),
            ],
            options={
                "verbose_name": "courriel",
                "verbose_name_plural": "courriels",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="MessageAttachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("storage_alias", models.CharField(default="default", max_length=40)),
                ("storage_name", models.CharField(max_length=255)),
                ("filename", models.CharField(max_length=150, verbose_name="nom du fichier")),
                ("media_type", models.CharField(max_length=100, verbose_name="type")),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attachments",
                        to="outbox.message",
                    ),
                ),
            ],
            options={
                "verbose_name": "pièce jointe",
                "verbose_name_plural": "pièces jointes",
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("message", "position"), name="attachment_position_is_unique_per_message"
                    )
                ],
            },
        ),
    ]
