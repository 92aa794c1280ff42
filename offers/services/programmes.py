"""The default programme of an offer."""

from offers.models import DEFAULT_NAME, DEFAULT_PROGRAMME, Programme


def default_programme() -> Programme:
    """Return the programme for which the portal was built. Create its row if it is missing."""
    programme, _created = Programme.objects.get_or_create(
        code=DEFAULT_PROGRAMME, defaults={"name": DEFAULT_NAME}
    )
    return programme
