"""Actions of the queue on many submissions. Each shows a dry run first."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy

from intake.review.decisions.views.prepare import choose_decision
from intake.submissions.models import Submission
from intake.submissions.states import TABLE, Move

from .dry_run import BULK_ACTIONS
from .views import dry_run

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

type Act = Callable[[Any, HttpRequest, QuerySet[Submission]], HttpResponse]


def _action(move: Move) -> Act:
    # `has_triage_permission` and `has_decide_permission` of the queue.
    permission = (move.permission or "").removesuffix("_submission")

    def act(_queue: Any, request: HttpRequest, chosen: QuerySet[Submission]) -> HttpResponse:
        return dry_run(request, chosen, move.action)

    act.__name__ = move.action.value.lower()
    return admin.action(act, description=cast("StrOrPromise", move.label), permissions=[permission])


def _prepare(_queue: Any, request: HttpRequest, chosen: QuerySet[Submission]) -> HttpResponseBase:
    return choose_decision(request, chosen)


_prepare.__name__ = "prepare_decisions"
# `has_prepare_permission` of the queue.
PREPARE = admin.action(_prepare, description=gettext_lazy("Préparer des décisions…"), permissions=["prepare"])
BULK = tuple(_action(TABLE[action]) for action in BULK_ACTIONS)
