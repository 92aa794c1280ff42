"""Who may see what: one's own submission, or a page that does not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase

from intake.accounts.login_required import require_login
from intake.accounts.models import User
from intake.submissions.models import Submission

from .queries import own_submission


class CandidateRequest(HttpRequest):
    """A request whose person is signed in."""

    user: User


type OwnView[**P] = Callable[Concatenate[CandidateRequest, Submission, P], HttpResponseBase]


def require_own_submission[**P](view: OwnView[P]) -> Callable[..., HttpResponseBase]:
    """Give `view` the signed-in person's submission named in the address.

    Anonymous people are sent to sign in and come back. Another person's submission answers 404, as one that does not
    exist.
    """
    return require_login()(_pass_submission(view))


def require_own_submission_and_form[**P](view: OwnView[P]) -> Callable[..., HttpResponseBase]:
    """Do as `own`, and keep what was typed by somebody whose session ended meanwhile (`doors.take_kept_form`)."""
    return require_login(keeps_form=True)(_pass_submission(view))


def _pass_submission[**P](view: OwnView[P]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def found(
        request: CandidateRequest, public_id: UUID, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponseBase:
        submission = own_submission(request.user, public_id)
        if submission is None:
            raise Http404
        return view(request, submission, *args, **kwargs)

    return found
