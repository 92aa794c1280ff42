"""The programme that an offer belongs to when nobody says which."""

from offers.models import DEFAULT_NAME, DEFAULT_PROGRAMME, Programme


def default_programme() -> Programme:
    """Return the programme for which the portal was made, written again if its row was lost."""
    programme, _created = Programme.objects.get_or_create(
        code=DEFAULT_PROGRAMME, defaults={"name": DEFAULT_NAME}
    )
    return programme
