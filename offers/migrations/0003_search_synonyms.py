"""Synonyms of the search of offers, with the organisations and the domain that offers name in two ways."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Q

from offers.sql_files import load_sql

# Without « UN » for the United Nations: every other French text has that word.
FIRST_GROUPS = (
    ("IA", "intelligence artificielle", "AI", "artificial intelligence"),
    ("ONU", "Nations Unies", "Organisation des Nations Unies", "United Nations"),
    (
        "UNESCO",
        "Organisation des Nations Unies pour l’éducation, la science et la culture",
        "United Nations Educational, Scientific and Cultural Organization",
    ),
    (
        "FAO",
        "Organisation des Nations Unies pour l’alimentation et l’agriculture",
        "Food and Agriculture Organization",
    ),
    ("OMS", "Organisation mondiale de la santé", "WHO", "World Health Organization"),
    (
        "OIF",
        "Organisation internationale de la Francophonie",
        "International Organisation of La Francophonie",
    ),
    (
        "OIM",
        "Organisation internationale pour les migrations",
        "IOM",
        "International Organization for Migration",
    ),
    ("OIT", "Organisation internationale du travail", "ILO", "International Labour Organization"),
    ("OCDE", "Organisation de coopération et de développement économiques", "OECD"),
    ("HCDH", "Haut-Commissariat des Nations Unies aux droits de l’homme", "OHCHR"),
)


def _create_first_groups(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    groups = apps.get_model("offers", "SynonymGroup").objects.using(editor.connection.alias)
    for terms in FIRST_GROUPS:
        groups.create(terms=list(terms))


class Migration(migrations.Migration):
    dependencies = [("offers", "0002_criteria_and_history")]

    operations = [
        migrations.CreateModel(
            name="SynonymGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        verbose_name="ID", auto_created=True, primary_key=True, serialize=False
                    ),
                ),
                ("terms", ArrayField(models.CharField(max_length=100), size=None, verbose_name="termes")),
            ],
            options={
                "verbose_name": "groupe de synonymes",
                "verbose_name_plural": "synonymes de la recherche",
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(terms__len__gte=2, terms__len__lte=20),
                        name="synonym_group_has_two_to_twenty_terms",
                    )
                ],
            },
        ),
        load_sql(__file__, "offers_refuse_shared_synonym"),
        migrations.RunPython(_create_first_groups, migrations.RunPython.noop),
    ]
