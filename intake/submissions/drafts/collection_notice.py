"""The notice that a candidate reads and accepts before an application holds anything of theirs.

Act respecting access to documents held by public bodies and the protection of personal information, s. 65: whoever
collects says for whom, for what, by what means, who reads it, what a refusal entails, and which rights remain.
"""

from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from intake.accounts.models import User
from intake.profiles.models import NoticeAcceptance
from intake.profiles.selectors import acceptances, has_accepted


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice in its version of now. A change of its words is a new version, and is asked about again."""

    key: str
    version: str

    def is_accepted_by(self, user: User) -> bool:
        """Say whether `user` accepted these very words."""
        return has_accepted(user, notice=self.key, version=self.version)

    def acceptances_by(self, user: User) -> QuerySet[NoticeAcceptance]:
        """Return the row that says that `user` accepted these very words, unread."""
        return acceptances(user, notice=self.key, version=self.version)


COLLECTION: Final = Notice("collection", "2026-12")
"""Its words are in `templates/submissions/notice_text.html`."""
