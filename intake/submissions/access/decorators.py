"""Decorators that pass the signed-in user's own submission to a view, or return 404."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render

from intake.accounts.login_required import require_login
from intake.accounts.models import User
from intake.dossiers.services import AnonymisedError
from intake.submissions.models import Submission

from .queries import own_submission


class CandidateRequest(HttpRequest):
    """A request of a signed-in user."""

    user: User


type OwnView[**P] = Callable[Concatenate[CandidateRequest, Submission, P], HttpResponseBase]


def require_own_submission[**P](view: OwnView[P]) -> Callable[..., HttpResponseBase]:
    """Pass the signed-in user's submission with the URL's `public_id` to `view`.

    An unauthenticated user is redirected to sign in, and back. Another user's submission returns 404, like one that
    does not exist. A page that needs what was erased answers 410, with a page that says so.
    """
    return require_login()(_pass_submission(view))


def require_own_submission_and_form[**P](view: OwnView[P]) -> Callable[..., HttpResponseBase]:
    """Same as `require_own_submission`; also keep a form posted after the session ended (`pop_saved_form`)."""
    return require_login(keeps_form=True)(_pass_submission(view))


def _pass_submission[**P](view: OwnView[P]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def found(
        request: CandidateRequest, public_id: UUID, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        submission = own_submission(request.user, public_id)
        if submission is None:
            raise Http404
        try:
            return view(request, submission, *args, **kwargs)
        except AnonymisedError:
            return render(
                request, "submissions/erased.html", {"offer": submission.offer}, status=HTTPStatus.GONE
            )

    return found
