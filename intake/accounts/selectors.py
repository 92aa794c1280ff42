"""Who has an account."""

from django.db.models import Q, QuerySet

from .models import User, fold_email


def matching(users: QuerySet[User], words: str) -> QuerySet[User]:
    """Keep the accounts of which every word of `words` starts the address or is in the displayed name, case aside.

    Only staff have a displayed name: those few are read at once. Where none of them has the word, the addresses are
    found, counted and put in order by an index alone.
    """
    asked = words.split()
    named = User.objects.exclude(display_name="").values_list("pk", "display_name") if asked else ()
    names = [(pk, name.casefold()) for pk, name in named]
    for word in asked:
        written = Q(email__startswith=fold_email(word))
        shown = [pk for pk, name in names if word.casefold() in name]
        users = users.filter(written | Q(pk__in=shown) if shown else written)
    return users
