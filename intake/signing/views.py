"""The portal's public keys, for users who verify a receipt themselves."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from intake.signing.services import published_keys

_AN_HOUR = 3600  # seconds until all caches have a new key


@require_safe
@cache_control(public=True, max_age=_AN_HOUR)
def keys(_request: HttpRequest) -> JsonResponse:
    """GET: the keys as a JWK Set; it contains no secret."""
    media_type = "application/jwk-set+json"
    return JsonResponse(published_keys(), content_type=media_type, json_dumps_params={"indent": 2})
