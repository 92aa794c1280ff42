"""Signs of life of sweeps and beat, and outages of servers."""

from django.db import migrations, models
from django.db.models import F, Q

ID = ("id", models.BigAutoField(verbose_name="ID", auto_created=True, primary_key=True, serialize=False))


class Migration(migrations.Migration):
    dependencies = [("outbox", "0001_deliveries_and_messages")]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ID,
                ("process", models.CharField("processus", max_length=40)),
                ("machine", models.CharField("machine", max_length=100)),
                ("at", models.DateTimeField("dernier signe")),
            ],
            options={
                "verbose_name": "signe de vie",
                "verbose_name_plural": "signes de vie",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=["process", "machine"], name="a_process_of_a_machine_has_one_beat"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Outage",
            fields=[
                ID,
                (
                    "server",
                    models.CharField(
                        "serveur",
                        max_length=20,
                        choices=[
                            ("MAIL", "Serveur de courriel"),
                            ("FALLBACK_MAIL", "Serveur de courriel de secours"),
                            ("STORAGE", "Espace de fichiers"),
                            ("BROKER", "File des messages"),
                            ("CACHE", "Cache"),
                        ],
                    ),
                ),
                ("started_at", models.DateTimeField("depuis")),
                ("seen_at", models.DateTimeField("constatée la dernière fois")),
                ("reason", models.CharField("motif", max_length=100)),
                ("ended_at", models.DateTimeField("terminée", null=True, blank=True)),
            ],
            options={
                "verbose_name": "panne",
                "verbose_name_plural": "pannes",
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=["server"],
                        condition=Q(ended_at__isnull=True),
                        name="a_server_has_one_outage_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=Q(server__in=["MAIL", "FALLBACK_MAIL", "STORAGE", "BROKER", "CACHE"]),
                        name="outage_server_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(seen_at__gte=F("started_at"))
                        & (Q(ended_at__isnull=True) | Q(ended_at__gte=F("seen_at"))),
                        name="outage_is_seen_after_its_start_and_before_its_end",
                    ),
                ],
            },
        ),
    ]
