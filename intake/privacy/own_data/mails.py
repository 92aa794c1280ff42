"""The mails of one person, whose account may have had other addresses."""

from django.db import connection
from django.db.models import QuerySet

from intake.accounts.models import User
from intake.outbox.models import Message


def mails_of(person: User) -> QuerySet[Message]:
    """Return the mails to each address of `person` while it was theirs (`sql/mails_of_account.sql`). One query first.

    A mailbox that another account had before, or has since, has mails of both.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT mails_of_account(%s)", [person.pk])
        return Message.objects.filter(delivery__in=[key for (key,) in cursor.fetchall()])
