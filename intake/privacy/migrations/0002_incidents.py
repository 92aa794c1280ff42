"""Register of confidentiality incidents."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.functions import TransactionNow
from django.db import migrations, models

from intake.journal.privileges import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0001_retention_and_erasure"),
        ("journal", "0001_chained_entries"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Incident",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ACCESS", "Accès non autorisé"),
                            ("USE", "Utilisation non autorisée"),
                            ("DISCLOSURE", "Communication non autorisée"),
                            ("LOSS", "Perte"),
                            ("OTHER", "Autre atteinte"),
                        ],
                        max_length=16,
                        verbose_name="nature",
                    ),
                ),
                ("information", models.TextField(verbose_name="renseignements visés")),
                ("circumstances", models.TextField(verbose_name="circonstances")),
                ("happened", models.CharField(max_length=200, verbose_name="date ou période de l’incident")),
                ("known_on", models.DateField(verbose_name="connu le")),
                ("concerned", models.CharField(max_length=200, verbose_name="personnes concernées")),
                ("persons", models.PositiveIntegerField(verbose_name="nombre de personnes")),
                ("is_approximate", models.BooleanField(default=False, verbose_name="nombre approximatif")),
                (
                    "risk",
                    models.CharField(
                        choices=[
                            ("UNKNOWN", "À évaluer"),
                            ("NOT_SERIOUS", "Aucun risque sérieux"),
                            ("SERIOUS", "Risque sérieux"),
                        ],
                        max_length=16,
                        verbose_name="risque de préjudice sérieux",
                    ),
                ),
                ("assessment", models.TextField(blank=True, verbose_name="éléments de l’évaluation")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=TransactionNow(), editable=False, verbose_name="inscrit le"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="inscrit par",
                    ),
                ),
            ],
            options={
                "verbose_name": "incident de confidentialité",
                "verbose_name_plural": "incidents de confidentialité",
                "permissions": [
                    (
                        "read_registers",
                        "Peut lire les registres de la protection des renseignements personnels",
                    )
                ],
                "default_permissions": ("add", "view"),
            },
        ),
        migrations.CreateModel(
            name="IncidentUpdate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ASSESSED", "Risque évalué"),
                            ("MEASURE", "Mesure prise"),
                            ("COMMISSION_NOTIFIED", "Avis à la Commission d’accès à l’information"),
                            ("PERSONS_NOTIFIED", "Avis aux personnes concernées"),
                            ("PUBLIC_NOTICE", "Avis public"),
                            ("CORRECTION", "Précision ou correction"),
                            ("CLOSED", "Dossier fermé"),
                        ],
                        max_length=24,
                        verbose_name="genre",
                    ),
                ),
                ("done_on", models.DateField(verbose_name="date")),
                ("text", models.TextField(verbose_name="description")),
                (
                    "risk",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("UNKNOWN", "À évaluer"),
                            ("NOT_SERIOUS", "Aucun risque sérieux"),
                            ("SERIOUS", "Risque sérieux"),
                        ],
                        max_length=16,
                        verbose_name="risque",
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        db_default=TransactionNow(), editable=False, verbose_name="inscrit le"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="inscrit par",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="updates",
                        to="privacy.incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "suite d’un incident",
                "verbose_name_plural": "suites d’un incident",
                "default_permissions": (),
            },
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["ACCESS", "USE", "DISCLOSURE", "LOSS", "OTHER"])),
                name="incident_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("risk__in", ["UNKNOWN", "NOT_SERIOUS", "SERIOUS"])),
                name="incident_risk_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("information", ""), _negated=True),
                    models.Q(("circumstances", ""), _negated=True),
                    models.Q(("happened", ""), _negated=True),
                    models.Q(("concerned", ""), _negated=True),
                ),
                name="an_incident_says_what_happened",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("risk", "UNKNOWN"), models.Q(("assessment", ""), _negated=True), _connector="OR"
                ),
                name="an_assessed_incident_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="incidentupdate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "ASSESSED",
                            "MEASURE",
                            "COMMISSION_NOTIFIED",
                            "PERSONS_NOTIFIED",
                            "PUBLIC_NOTICE",
                            "CORRECTION",
                            "CLOSED",
                        ],
                    )
                ),
                name="incident_update_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="incidentupdate",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="an_incident_update_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="incidentupdate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "ASSESSED"), ("risk__in", ["NOT_SERIOUS", "SERIOUS"])),
                    models.Q(models.Q(("kind", "ASSESSED"), _negated=True), ("risk", "")),
                    _connector="OR",
                ),
                name="an_assessment_and_no_other_update_has_a_risk",
            ),
        ),
        migrations.AddConstraint(
            model_name="incidentupdate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "CLOSED")),
                fields=("incident",),
                name="an_incident_is_closed_once",
            ),
        ),
        append_only("privacy_incident"),
        append_only("privacy_incidentupdate"),
    ]
