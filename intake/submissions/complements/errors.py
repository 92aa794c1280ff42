"""Errors of complement requests and of changes outside their scope."""

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from intake.submissions.lifecycle.errors import SubmissionError


class OutOfScopeChangeError(SubmissionError):
    """Only a complement may still be filed, and something outside its scope was changed.

    `sections`: keys of draft sections. `documents`: primary keys of document requests.
    """

    code = "NOT_ASKED"
    message = _(
        "Seul ce qui est demandé en complément peut encore changer : le reste est comme vous l’avez déposé. Rien n’a "
        "été changé."
    )

    def __init__(self, *, sections: tuple[str, ...] = (), documents: tuple[int, ...] = ()) -> None:
        self.sections = sections
        self.documents = documents


class EmptyComplementError(SubmissionError):
    """The complement request names neither a document nor a section."""

    code = "NOTHING_ASKED"
    message = _("La demande ne nomme ni document ni section : la personne ne pourrait rien changer.")


class ComplementTooSoonError(SubmissionError):
    """The due date leaves too little time, or is earlier than the current one. `earliest`: first possible one (UTC)."""

    code = "COMPLEMENT_TOO_SOON"
    message = _(
        "Le dernier jour ne laisse plus 48 heures pour répondre, ou laisse moins de temps que ce qui a été annoncé : "
        "donnez un jour plus éloigné."
    )

    def __init__(self, *, earliest: datetime) -> None:
        self.earliest = earliest


class ComplementTooLateError(SubmissionError):
    """The due day is not before `starts_on`, the day on which the stage starts."""

    code = "COMPLEMENT_TOO_LATE"
    message = _("Le stage aurait commencé : donnez un dernier jour qui le précède.")

    def __init__(self, *, starts_on: date) -> None:
        self.starts_on = starts_on
