"""What a person found in the documents about each finding; never rewritten."""

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from intake.web.privileges import append_only

REFUSE_FOREIGN_EVIDENCE = """
CREATE FUNCTION refuse_foreign_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.document_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM submissions_fileddocument d WHERE d.id = NEW.document_id AND d.filing_id = NEW.filing_id
    ) THEN
        RAISE EXCEPTION 'document % is of another filing', NEW.document_id USING
            ERRCODE = 'check_violation', CONSTRAINT = 'evidence_quotes_a_document_of_its_filing';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER evidence_quotes_a_document_of_its_filing BEFORE INSERT ON review_evidence
    FOR EACH ROW EXECUTE FUNCTION refuse_foreign_evidence();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0004_shortlists"),
        ("submissions", "0006_upheld_reserve"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="rang")),
                ("kind", models.CharField(max_length=16, verbose_name="critère")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("CONFIRMED", "Confirmé"), ("CONTRADICTED", "Contredit")],
                        max_length=12,
                        verbose_name="constat",
                    ),
                ),
                ("page", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="page")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="précision")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(), editable=False
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="auteur",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="submissions.fileddocument",
                        verbose_name="pièce",
                    ),
                ),
                (
                    "filing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="evidence",
                        to="submissions.filing",
                    ),
                ),
            ],
            options={
                "verbose_name": "vérification",
                "verbose_name_plural": "vérifications",
                "permissions": [("verify_finding", "Peut vérifier un constat d’après les pièces")],
                "default_permissions": (),
                "indexes": [models.Index(fields=["filing", "position", "id"], name="evidence_of_a_finding")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["CONFIRMED", "CONTRADICTED"])),
                        name="evidence_outcome_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("document__isnull", False), ("page__gte", 1)),
                            models.Q(
                                ("document__isnull", True),
                                ("page__isnull", True),
                                models.Q(("note", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="evidence_names_a_page_or_says_what_it_rests_on",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            REFUSE_FOREIGN_EVIDENCE,
            """
            DROP TRIGGER evidence_quotes_a_document_of_its_filing ON review_evidence;
            DROP FUNCTION refuse_foreign_evidence();
            """,
        ),
        append_only("review_evidence"),
    ]
