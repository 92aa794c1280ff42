"""A complement may be asked of a candidate; `0017_complement_rules` says what the database holds of it."""

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("offers", "0009_a_later_closing_says_why"),
        ("submissions", "0015_reviews_opened_again"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ComplementDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
            options={
                "verbose_name": "document demandé en complément",
                "verbose_name_plural": "documents demandés en complément",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ComplementRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "asked_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                        verbose_name="demandé le",
                    ),
                ),
                ("words", models.TextField(verbose_name="ce qui manque")),
                ("due_at", models.DateTimeField(verbose_name="à recevoir avant")),
                (
                    "sections",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=32), default=list
                    ),
                ),
                (
                    "ended_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="terminée le"),
                ),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ANSWERED", "Complément reçu"),
                            ("RESUMED", "Étude reprise sans complément"),
                            ("WITHDRAWN", "Désistement"),
                            ("DECIDED", "Candidature déclarée non admissible"),
                            ("REPLACED", "Remplacée par une autre demande"),
                        ],
                        max_length=9,
                        verbose_name="fin",
                    ),
                ),
            ],
            options={
                "verbose_name": "demande de complément",
                "verbose_name_plural": "demandes de complément",
                "default_permissions": ("view",),
            },
        ),
        migrations.RemoveConstraint(
            model_name="submission",
            name="a_reserve_is_settled_before_the_file_is_studied",
        ),
        migrations.RemoveConstraint(
            model_name="submission",
            name="submission_state_is_known",
        ),
        migrations.AlterField(
            model_name="submission",
            name="state",
            field=models.CharField(
                choices=[
                    ("DRAFT", "Brouillon"),
                    ("SUBMITTED", "Reçue"),
                    ("UNDER_REVIEW", "À l’étude"),
                    ("COMPLEMENT_REQUESTED", "Dossier incomplet"),
                    ("INADMISSIBLE", "Non admissible"),
                    ("SHORTLISTED", "Présélectionnée"),
                    ("INTERVIEW", "Convoquée en entrevue"),
                    ("RECOMMENDED", "Recommandée à l’organisation"),
                    ("SELECTED", "Retenue"),
                    ("RESERVE", "Substitut(e)"),
                    ("DECLINED", "Non retenue"),
                    ("WITHDRAWN", "Désistement"),
                    ("PLACED", "Stage en cours"),
                    ("COMPLETED", "Stage terminé"),
                ],
                default="DRAFT",
                max_length=24,
                verbose_name="état",
            ),
        ),
        migrations.AlterField(
            model_name="transition",
            name="action",
            field=models.CharField(
                choices=[
                    ("FILE", "FILE"),
                    ("AMEND", "AMEND"),
                    ("WITHDRAW", "WITHDRAW"),
                    ("START_REVIEW", "START_REVIEW"),
                    ("REQUEST_COMPLEMENT", "REQUEST_COMPLEMENT"),
                    ("RESUME", "RESUME"),
                    ("FIND_INADMISSIBLE", "FIND_INADMISSIBLE"),
                    ("REOPEN", "REOPEN"),
                    ("JUDGE_AGAIN", "JUDGE_AGAIN"),
                    ("SHORTLIST", "SHORTLIST"),
                    ("LEAVE_SHORTLIST", "LEAVE_SHORTLIST"),
                    ("INVITE", "INVITE"),
                    ("RECOMMEND", "RECOMMEND"),
                    ("SELECT", "SELECT"),
                    ("PUT_ON_RESERVE", "PUT_ON_RESERVE"),
                    ("DECLINE", "DECLINE"),
                    ("PLACE", "PLACE"),
                    ("COMPLETE", "COMPLETE"),
                ],
                max_length=24,
            ),
        ),
        migrations.AlterField(
            model_name="transition",
            name="from_state",
            field=models.CharField(
                choices=[
                    ("DRAFT", "Brouillon"),
                    ("SUBMITTED", "Reçue"),
                    ("UNDER_REVIEW", "À l’étude"),
                    ("COMPLEMENT_REQUESTED", "Dossier incomplet"),
                    ("INADMISSIBLE", "Non admissible"),
                    ("SHORTLISTED", "Présélectionnée"),
                    ("INTERVIEW", "Convoquée en entrevue"),
                    ("RECOMMENDED", "Recommandée à l’organisation"),
                    ("SELECTED", "Retenue"),
                    ("RESERVE", "Substitut(e)"),
                    ("DECLINED", "Non retenue"),
                    ("WITHDRAWN", "Désistement"),
                    ("PLACED", "Stage en cours"),
                    ("COMPLETED", "Stage terminé"),
                ],
                max_length=24,
            ),
        ),
        migrations.AlterField(
            model_name="transition",
            name="to_state",
            field=models.CharField(
                choices=[
                    ("DRAFT", "Brouillon"),
                    ("SUBMITTED", "Reçue"),
                    ("UNDER_REVIEW", "À l’étude"),
                    ("COMPLEMENT_REQUESTED", "Dossier incomplet"),
                    ("INADMISSIBLE", "Non admissible"),
                    ("SHORTLISTED", "Présélectionnée"),
                    ("INTERVIEW", "Convoquée en entrevue"),
                    ("RECOMMENDED", "Recommandée à l’organisation"),
                    ("SELECTED", "Retenue"),
                    ("RESERVE", "Substitut(e)"),
                    ("DECLINED", "Non retenue"),
                    ("WITHDRAWN", "Désistement"),
                    ("PLACED", "Stage en cours"),
                    ("COMPLETED", "Stage terminé"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "DRAFT",
                            "SUBMITTED",
                            "UNDER_REVIEW",
                            "COMPLEMENT_REQUESTED",
                            "INADMISSIBLE",
                            "SHORTLISTED",
                            "INTERVIEW",
                            "RECOMMENDED",
                            "SELECTED",
                            "RESERVE",
                            "DECLINED",
                            "WITHDRAWN",
                            "PLACED",
                            "COMPLETED",
                        ],
                    )
                ),
                name="submission_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="submission",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reserve", "PENDING"), _negated=True),
                    ("state__in", ["SUBMITTED", "COMPLEMENT_REQUESTED", "WITHDRAWN"]),
                    _connector="OR",
                ),
                name="a_reserve_is_settled_before_the_file_is_studied",
            ),
        ),
        migrations.AddField(
            model_name="complementdocument",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="offers.documentrequest"
            ),
        ),
        migrations.AddField(
            model_name="complementrequest",
            name="answered_by",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="complement",
                to="submissions.filing",
            ),
        ),
        migrations.AddField(
            model_name="complementrequest",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="demandé par",
            ),
        ),
        migrations.AddField(
            model_name="complementrequest",
            name="documents",
            field=models.ManyToManyField(
                related_name="+", through="submissions.ComplementDocument", to="offers.documentrequest"
            ),
        ),
        migrations.AddField(
            model_name="complementrequest",
            name="filing",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="submissions.filing"
            ),
        ),
        migrations.AddField(
            model_name="complementrequest",
            name="submission",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="complements",
                to="submissions.submission",
            ),
        ),
        migrations.AddField(
            model_name="complementdocument",
            name="complement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="asked_documents",
                to="submissions.complementrequest",
            ),
        ),
        migrations.AddIndex(
            model_name="complementrequest",
            index=models.Index(
                condition=models.Q(("ended_at", None)),
                fields=["due_at"],
                include=("submission",),
                name="open_complements_by_due_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="complementrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("submission",),
                name="a_submission_has_one_open_complement_request",
            ),
        ),
        migrations.AddConstraint(
            model_name="complementrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("words", ""), _negated=True),
                name="a_complement_request_says_what_is_missing",
            ),
        ),
        migrations.AddConstraint(
            model_name="complementrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_at__gt", models.F("asked_at"))),
                name="a_complement_request_leaves_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="complementrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_by", None), ("ended_at", None), ("ending", "")),
                    models.Q(
                        ("answered_by__isnull", False), ("ended_at__isnull", False), ("ending", "ANSWERED")
                    ),
                    models.Q(
                        ("answered_by", None),
                        ("ended_at__isnull", False),
                        ("ending__in", ["RESUMED", "WITHDRAWN", "DECIDED", "REPLACED"]),
                    ),
                    _connector="OR",
                ),
                name="a_complement_request_that_ended_says_how",
            ),
        ),
        migrations.AddConstraint(
            model_name="complementdocument",
            constraint=models.UniqueConstraint(
                fields=("complement", "request"), name="a_complement_request_names_a_document_once"
            ),
        ),
    ]
