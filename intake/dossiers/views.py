"""Public page that verifies a receipt. It displays no personal data and stores nothing."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from intake.accounts.limits import WAIT, NetworkBusyError, check_may_verify_code, may_verify_file
from intake.dossiers.receipts.receipt_file import MAX_BYTES, UnreadableReceiptError
from intake.transparency.documents import inclusion_document
from intake.transparency.selectors import expected_by, log_position

from .forms import CodeForm, FileForm
from .receipts.verifying import Answer, verify_code, verify_file

_MAX_SENT = MAX_BYTES + 64 * 1024
"""Bytes of a request: a file and its multipart encoding."""


# Exempt: the POST changes nothing and uses no account. Without a token, the page needs no cookie, and the size can be
# checked before the body is read.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """GET: the forms, or the result for the code in the address (QR code). POST: the result for a file."""
    if request.method == "POST":
        return _verify_file(request)
    if "code" not in request.GET:
        return _page(request)
    form = CodeForm(request.GET)
    if not form.is_valid():
        return _page(request, code_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    code = form.cleaned_data["code"]
    try:
        check_may_verify_code(request, code=code, ticket=request.GET.get("ticket", ""), at=timezone.now())
    except NetworkBusyError as busy:
        return _busy(_page(request, code_form=form, busy=busy, status=HTTPStatus.TOO_MANY_REQUESTS))
    answer = verify_code(code=code, number=form.cleaned_data["numero"])
    return _page(request, code_form=form, answer=answer)


@never_cache
@require_safe
def proof(request: HttpRequest) -> JsonResponse:
    """GET: the inclusion proof of the receipt with this number and code, as JSON. No personal data.

    Every invalid request, and a receipt without a proof yet, gives the same HTTP 404. A busy network gets HTTP 429 with
    a ticket, to send as the parameter `ticket` after the time of `Retry-After`.
    """
    form = CodeForm(request.GET)
    code = form.cleaned_data.get("code", "") if form.is_valid() else ""
    try:
        check_may_verify_code(request, code=code, ticket=request.GET.get("ticket", ""), at=timezone.now())
    except NetworkBusyError as busy:
        said = {"found": False, "ticket": busy.ticket}
        return _busy(JsonResponse(said, status=HTTPStatus.TOO_MANY_REQUESTS))
    if form.is_valid() and form.cleaned_data["numero"]:
        answer = verify_code(code=form.cleaned_data["code"], number=form.cleaned_data["numero"])
        where = log_position(answer.facts.number) if answer.facts is not None else None
        if where is not None and where.since is not None:
            return JsonResponse(
                inclusion_document(where.leaf, where.since),
                json_dumps_params={"indent": 2, "ensure_ascii": False},
            )
    return JsonResponse({"found": False}, status=HTTPStatus.NOT_FOUND)


def _verify_file(request: HttpRequest) -> HttpResponse:
    if int(request.META.get("CONTENT_LENGTH") or 0) > _MAX_SENT:
        return _page(request, refusal="TOO_LARGE", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if not may_verify_file(request):
        return _page(request, refusal="TOO_MANY", status=HTTPStatus.TOO_MANY_REQUESTS)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, file_form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        answer = verify_file(form.cleaned_data["fichier"].read())
    except UnreadableReceiptError:
        return _page(request, refusal="NOT_READ", status=HTTPStatus.SERVICE_UNAVAILABLE)
    return _page(request, answer=answer)


def _busy[Response: HttpResponse](response: Response) -> Response:
    response.headers["Retry-After"] = str(int(WAIT.total_seconds()))
    return response


def _page(
    request: HttpRequest,
    *,
    code_form: CodeForm | None = None,
    file_form: FileForm | None = None,
    answer: Answer | None = None,
    refusal: str = "",
    busy: NetworkBusyError | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    context: dict[str, Any] = {
        "code_form": code_form or CodeForm(),
        "file_form": file_form or FileForm(),
        "erring": next((form for form in (code_form, file_form) if form is not None and form.errors), None),
        "answer": answer,
        "by_code": code_form is not None,
        "facts": answer.facts if answer is not None else None,
        "refusal": refusal,
        "busy": str(busy) if busy else "",
        "ticket": busy.ticket if busy else "",
    }
    if answer is not None and answer.facts is not None:
        context |= {
            "logged": log_position(answer.facts.number),
            "logged_by": expected_by(answer.facts.received),
            "now": timezone.now(),
        }
    return render(request, "dossiers/verify.html", context, status=status)
