"""A draft's document says whether a worker still has to join its files."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("submissions", "0004_files_under_inspection")]

    operations = [
        migrations.AddField(
            model_name="draftdocument",
            name="joined",
            field=models.CharField(
                choices=[
                    ("CURRENT", "À jour"),
                    ("WANTED", "En préparation"),
                    ("TOO_LARGE", "Trop lourd"),
                    ("FAILED", "Préparation échouée"),
                ],
                db_default="CURRENT",
                default="CURRENT",
                editable=False,
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="draftdocument",
            name="revision",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddConstraint(
            model_name="draftdocument",
            constraint=models.CheckConstraint(
                condition=Q(joined="CURRENT")
                | Q(joined__in=["WANTED", "TOO_LARGE", "FAILED"], revision__isnull=False),
                name="a_document_to_join_has_a_revision",
            ),
        ),
    ]
