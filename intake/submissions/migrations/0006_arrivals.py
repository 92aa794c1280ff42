"""Arrivals, the filings that they become, and the rules of both."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from offers.sql_files import load_sql

ROLE = settings.APPLICATION_ROLE
_SQL = Path(__file__).parents[1] / "sql"
CHANGED = ("stamp_filing_and_refuse_late", "refuse_incomplete_or_late_commit", "keep_complement_request")


def _load_again(name: str) -> migrations.RunSQL:
    text = (_SQL / f"{name}.sql").read_text(encoding="utf-8")
    return migrations.RunSQL([f"DROP FUNCTION {name} CASCADE", text], migrations.RunSQL.noop)


class Migration(migrations.Migration):
    dependencies = [
        ("submissions", "0005_documents_to_join"),
    ]

    operations = [
        migrations.CreateModel(
            name="Arrival",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                (
                    "declarations",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40)),
                ),
                ("review_message", models.TextField(blank=True)),
                ("reads_english", models.BooleanField(default=False)),
                ("asked", models.BigIntegerField(null=True)),
                ("witness", models.CharField(blank=True, max_length=64, null=True)),
                ("attested_at", models.DateTimeField(editable=False)),
                ("elapsed", models.DurationField(null=True)),
                ("arrived_at", models.DateTimeField(editable=False, verbose_name="arrivée le")),
                ("transaction", models.BigIntegerField(editable=False)),
                ("cluster", models.BigIntegerField(editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "Arrivée, à déposer"),
                            ("FILED", "Déposée"),
                            ("REFUSED", "Non déposée"),
                        ],
                        default="WAITING",
                        max_length=8,
                        verbose_name="état",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40, verbose_name="motif")),
                ("settled_at", models.DateTimeField(editable=False, null=True, verbose_name="traitée le")),
                (
                    "draft",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="arrivals",
                        to="submissions.draft",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="arrivals",
                        to="submissions.submission",
                    ),
                ),
            ],
            options={
                "verbose_name": "arrivée",
                "verbose_name_plural": "arrivées",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="filing",
            name="arrival",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="filing",
                to="submissions.arrival",
            ),
        ),
        migrations.AddIndex(
            model_name="arrival",
            index=models.Index(
                condition=models.Q(("state", "WAITING")), fields=["arrived_at", "id"], name="arrivals_in_line"
            ),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "WAITING")),
                fields=("draft",),
                name="a_draft_has_one_waiting_arrival",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at", None), ("state", "WAITING")),
                    models.Q(("settled_at__isnull", False), ("state__in", ["FILED", "REFUSED"])),
                    _connector="OR",
                ),
                name="an_arrival_waits_until_it_is_settled",
            ),
        ),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "REFUSED"), models.Q(("reason", ""), _negated=True)),
                    models.Q(models.Q(("state", "REFUSED"), _negated=True), ("reason", "")),
                    _connector="OR",
                ),
                name="an_arrival_is_refused_for_a_reason",
            ),
        ),
        load_sql(__file__, "stamp_arrival_and_refuse_late"),
        load_sql(__file__, "refuse_late_arrival_commit"),
        load_sql(__file__, "keep_arrival"),
        load_sql(__file__, "keep_an_arrived_draft"),
        *(_load_again(name) for name in CHANGED),
        # An arrival is settled once, and nothing else of it changes.
        migrations.RunSQL(
            [
                """
                CREATE TRIGGER submissions_arrival_is_never_emptied BEFORE TRUNCATE ON submissions_arrival
                    FOR EACH STATEMENT EXECUTE FUNCTION refuse_emptying()
                """,
                f'REVOKE UPDATE, DELETE, TRUNCATE ON submissions_arrival FROM "{ROLE}"',
                f'GRANT UPDATE (state, reason, review_message, draft_id) ON submissions_arrival TO "{ROLE}"',
            ],
            f'GRANT UPDATE, DELETE ON submissions_arrival TO "{ROLE}"',
        ),
    ]
