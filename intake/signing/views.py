"""The public halves of the portal's keys, for whoever verifies by themselves."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from intake.signing.services import published_keys

_AN_HOUR = 3600  # seconds: a new key is believed that soon


@require_safe
@cache_control(public=True, max_age=_AN_HOUR)
def keys(request: HttpRequest) -> JsonResponse:
    """Send the keys, in the form of a JWK Set; nothing in it is secret."""
    del request
    return JsonResponse(
        published_keys(), content_type="application/jwk-set+json", json_dumps_params={"indent": 2}
    )
