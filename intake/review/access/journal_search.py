"""Journal search by the name, number or address of a submission, by the rules of the queue's search."""

from django.db.models import CharField, Q
from django.db.models.functions import Cast

from intake.accounts.models import User
from intake.submissions.models import Receipt, Submission

from .anonymous_review import offers_anonymous_to
from .queries import visible_submissions
from .search import matching


def entries_about_matches(user: User, words: str) -> list[Q]:
    """Return the conditions of the entries about submissions that `user` may read and `words` match, or receipts."""
    found = matching(visible_submissions(user), words, blind=offers_anonymous_to(user)).order_by()
    public_ids = found.annotate(text=Cast("public_id", CharField())).values("text")
    receipts = Receipt.objects.filter(filing__submission__in=found.values("pk"))
    keys = receipts.annotate(text=Cast("pk", CharField())).values("text")
    return [
        Q(subject_kind=Submission._meta.label_lower, subject_id__in=public_ids),
        Q(subject_kind=Receipt._meta.label_lower, subject_id__in=keys),
    ]
