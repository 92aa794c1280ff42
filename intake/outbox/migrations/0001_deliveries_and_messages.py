"""Mails and jobs to be delivered, and what became of each."""

import uuid

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models import F, Func, Q

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))


class Migration(migrations.Migration):
    initial = True
    dependencies = [("offers", "0001_offers_and_programmes")]

    operations = [
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ID,
                (
                    "public_id",
                    models.UUIDField("identifiant public", unique=True, default=uuid.uuid4, editable=False),
                ),
                ("kind", models.CharField("sorte", max_length=40)),
                ("key", models.CharField("clé", max_length=200)),
                ("subject_kind", models.CharField("objet, sorte", max_length=100, blank=True)),
                ("subject_id", models.CharField("objet", max_length=64)),
                ("due_at", models.DateTimeField("à faire dès")),
                (
                    "state",
                    models.CharField(
                        "état",
                        max_length=10,
                        choices=[
                            ("PENDING", "En attente"),
                            ("LEASED", "En cours"),
                            ("DONE", "Effectué"),
                            ("DEAD", "En échec"),
                        ],
                        default="PENDING",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField("essais", default=0)),
                ("leased_until", models.DateTimeField("réservé jusqu’à", null=True, blank=True)),
                ("lease_token", models.UUIDField(null=True, blank=True, editable=False)),
                ("last_error", models.TextField("dernière erreur", blank=True)),
                ("created_at", models.DateTimeField("demandé le")),
                ("done_at", models.DateTimeField("effectué le", null=True, blank=True)),
                (
                    "outages",
                    models.PositiveSmallIntegerField("essais pendant une panne", default=0, db_default=0),
                ),
                ("asked_again_at", models.DateTimeField("relancé le", null=True, blank=True)),
                (
                    "folded_key",
                    models.GeneratedField(
                        expression=Func(F("key"), function="fold_text", output_field=models.TextField()),
                        output_field=models.TextField(),
                        db_persist=True,
                    ),
                ),
            ],
            options={
                "verbose_name": "envoi",
                "verbose_name_plural": "envois",
                "permissions": [("resend_delivery", "Peut renvoyer un envoi")],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        fields=["due_at"],
                        condition=Q(state__in=["PENDING", "LEASED"]),
                        name="delivery_open_by_due_at",
                    ),
                    models.Index(fields=["subject_kind", "subject_id"], name="delivery_by_subject"),
                    models.Index(fields=["created_at", "id"], name="delivery_in_order"),
                    models.Index(fields=["state", "created_at", "id"], name="delivery_in_order_by_state"),
                    models.Index(fields=["kind", "created_at", "id"], name="delivery_in_order_by_kind"),
                    models.Index(
                        fields=["key"], opclasses=["varchar_pattern_ops"], name="delivery_by_start_of_key"
                    ),
                    models.Index(
                        fields=["subject_id"],
                        opclasses=["varchar_pattern_ops"],
                        name="delivery_by_start_of_subject",
                    ),
                    GinIndex(fields=["folded_key"], opclasses=["gin_trgm_ops"], name="delivery_by_trigrams"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "key"), name="delivery_key_is_unique_per_kind"),
                    models.CheckConstraint(
                        condition=Q(lease_token__isnull=False, leased_until__isnull=False, state="LEASED")
                        | (~Q(state="LEASED") & Q(lease_token__isnull=True, leased_until__isnull=True)),
                        name="delivery_is_leased_until_an_instant",
                    ),
                    models.CheckConstraint(
                        condition=Q(done_at__isnull=False, state="DONE")
                        | (~Q(state="DONE") & Q(done_at__isnull=True)),
                        name="delivery_done_has_its_instant",
                    ),
                    models.CheckConstraint(
                        condition=Q(attempts__gte=0), name="delivery_attempts_are_counted"
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=["PENDING", "LEASED", "DONE", "DEAD"]),
                        name="delivery_state_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ID,
                ("message_id", models.CharField("Message-ID", max_length=200, unique=True)),
                ("to_address", models.EmailField("destinataire", max_length=254)),
                ("subject", models.CharField("objet du courriel", max_length=200)),
                ("text", models.TextField("texte")),
                ("html", models.TextField("version HTML", blank=True)),
                ("created_at", models.DateTimeField("composé le")),
                ("sent_at", models.DateTimeField("remis au serveur de courriel le", null=True, blank=True)),
                ("delivery", models.OneToOneField("outbox.delivery", models.PROTECT, related_name="message")),
                ("let_go_at", models.DateTimeField("abandonné le", null=True, blank=True)),
                ("is_to_go_again", models.BooleanField("à renvoyer", default=False, db_default=False)),
                ("arrived_at", models.DateTimeField("arrivé le", null=True, blank=True)),
                ("returned_at", models.DateTimeField("revenu le", null=True, blank=True)),
                ("report_code", models.CharField("code du retour", max_length=9, blank=True, db_default="")),
                (
                    "report_words",
                    models.CharField("motif du retour", max_length=500, blank=True, db_default=""),
                ),
            ],
            options={
                "verbose_name": "courriel",
                "verbose_name_plural": "courriels",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        fields=["to_address"],
                        opclasses=["varchar_pattern_ops"],
                        name="message_by_start_of_address",
                    ),
                    models.Index(
                        fields=["returned_at"],
                        condition=Q(returned_at__isnull=False),
                        name="message_came_back",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(sent_at__isnull=True) | Q(let_go_at__isnull=True),
                        name="message_is_sent_or_let_go",
                    ),
                    models.CheckConstraint(
                        condition=Q(arrived_at__isnull=True) | Q(returned_at__isnull=True),
                        name="message_arrived_or_came_back",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MessageAttachment",
            fields=[
                ID,
                ("position", models.PositiveSmallIntegerField()),
                ("storage_alias", models.CharField(max_length=40, default="default")),
                ("storage_name", models.CharField(max_length=255)),
                ("filename", models.CharField("nom du fichier", max_length=150)),
                ("media_type", models.CharField("type", max_length=100)),
                ("message", models.ForeignKey("outbox.message", models.PROTECT, related_name="attachments")),
            ],
            options={
                "verbose_name": "fichier joint",
                "verbose_name_plural": "fichiers joints",
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("message", "position"), name="attachment_position_is_unique_per_message"
                    )
                ],
            },
        ),
    ]
