"""How long a form of a section may be, and how often one person may save: more than any evening of writing needs."""

from datetime import timedelta
from http import HTTPStatus
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse

from intake.accounts.limits import may_save
from intake.web.errors import too_many_requests

MOST_BYTES: Final = 300_000
"""Of a posted section: several times all its texts at their longest, each letter with an accent."""
WAIT: Final = timedelta(minutes=1)


def refuse_excess(request: HttpRequest, *, by_script: bool = False) -> HttpResponse | None:
    """Return 429 if the person saved too often (without a page if `by_script`: the script tries again); None if not.

    :raises RequestDataTooBig: if the form is longer than `MOST_BYTES`.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise RequestDataTooBig
    if may_save(request):
        return None
    if not by_script:
        return too_many_requests(request, WAIT)
    headers = {"Retry-After": str(int(WAIT.total_seconds()))}
    return HttpResponse(
        "429", status=HTTPStatus.TOO_MANY_REQUESTS, headers=headers, content_type="text/plain"
    )
