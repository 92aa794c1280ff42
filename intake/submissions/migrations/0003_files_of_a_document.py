"""Files that were joined into a document of a draft, in order, each turned."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0002_small_thumbnails"),
        ("submissions", "0002_reviews_delays_and_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="DocumentPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        verbose_name="ID", auto_created=True, primary_key=True, serialize=False
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=models.CASCADE,
                        related_name="parts",
                        to="submissions.draftdocument",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "upload",
                    models.ForeignKey(on_delete=models.RESTRICT, related_name="+", to="documents.upload"),
                ),
                ("turned", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name": "fichier d’un document du brouillon",
                "verbose_name_plural": "fichiers d’un document du brouillon",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["document", "position"], name="a_document_has_one_file_at_each_position"
                    ),
                    models.CheckConstraint(
                        condition=Q(position__gte=1), name="the_first_file_of_a_document_is_number_1"
                    ),
                    models.CheckConstraint(
                        condition=Q(turned__in=[0, 90, 180, 270]), name="a_file_is_turned_by_quarters"
                    ),
                ],
            },
        ),
    ]
