"""Cancelling an offer takes two people: one asks for it, another one approves it."""

from django.db import migrations, models
from django.db.models import Q

from offers.sql_files import load_sql

KINDS_OF_CHANGES = (
    ("IMPORTED", "Importée d’un texte publié"),
    ("POINT_SETTLED", "Point réglé"),
    ("MAILBOX_CONFIRMED", "Courriel de contact confirmé"),
    ("PUBLISHED", "Publiée"),
    ("CORRECTED", "Corrigée"),
    ("RULES_CHANGED", "Critères remplacés"),
    ("EXTENDED", "Date limite prolongée"),
    ("CANCEL_ASKED", "Annulation demandée"),
    ("CANCEL_REFUSED", "Annulation refusée"),
    ("CANCEL_WITHDRAWN", "Demande d’annulation retirée"),
    ("CANCELLED", "Annulée"),
)


class Migration(migrations.Migration):
    dependencies = [("offers", "0003_search_synonyms")]

    operations = [
        migrations.AlterField(
            "offerchange", "kind", models.CharField("action", max_length=20, choices=KINDS_OF_CHANGES)
        ),
        migrations.RemoveConstraint("offerchange", "offer_change_kind_is_known"),
        migrations.AddConstraint(
            "offerchange",
            models.CheckConstraint(
                condition=Q(kind__in=[kind for kind, _label in KINDS_OF_CHANGES]),
                name="offer_change_kind_is_known",
            ),
        ),
        load_sql(__file__, "refuse_cancelling_alone"),
    ]
