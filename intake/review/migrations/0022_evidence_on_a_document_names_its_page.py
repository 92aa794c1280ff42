"""A page that is NULL is not at least 1: PostgreSQL knows neither, and a check that it does not know passes."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0021_register_matches"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="evidence",
            name="evidence_names_a_page_or_says_what_it_rests_on",
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=Q(document__isnull=False, page__isnull=False, page__gte=1)
                | (Q(document__isnull=True, page__isnull=True) & ~Q(note="")),
                name="evidence_names_a_page_or_says_what_it_rests_on",
            ),
        ),
    ]
