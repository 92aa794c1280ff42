"""The sentence for what the database refuses of an offer."""

from django.db import DatabaseError, DataError, IntegrityError
from django.utils.translation import gettext as _

from intake.base.database_errors import broken_constraint
from offers.models import Offer

REFUSED_BY_THE_DATABASE = (IntegrityError, DataError)
"""An argument breaks a constraint of a table, or does not fit its column."""


def explain_database(error: DatabaseError) -> str:
    """Return the message of the constraint that was broken, or a sentence for all others: the database's is English."""
    broken = broken_constraint(error)
    for rule in Offer._meta.constraints:
        if rule.name == broken:
            return str(rule.get_violation_error_message())
    return _("Une valeur de ce texte est trop longue ou n’est pas permise : rien n’est enregistré.")
