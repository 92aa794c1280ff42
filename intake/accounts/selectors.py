"""Who has an account."""

from django.db.models import Q, QuerySet

from .models import User, fold_email


def matching(users: QuerySet[User], words: str) -> QuerySet[User]:
    """Keep the accounts of which every word of `words` starts the address or is in the displayed name, case aside.

    Only staff have a displayed name: those few are read, and the addresses of the others are found by an index.
    """
    for word in words.split():
        written = User.objects.filter(email__startswith=fold_email(word)).values("pk")
        shown = User.objects.filter(~Q(display_name=""), display_name__icontains=word).values("pk")
        users = users.filter(pk__in=written.union(shown, all=True))
    return users
