"""Changes of an amendment from what was filed, when the words of the portal have changed in between."""

import pytest

from intake.dossiers.services import read_seal
from intake.submissions.access.queries import own_submission
from intake.submissions.drafts.queries import read_draft_details
from intake.submissions.filing.changes import changes_of
from intake.submissions.questions import answer_display
from tests.factories.submissions import make_filing
from tests.submissions.filed_pages import amend

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "words", ["", "Depuis toujours"], ids=["sealed before the words", "sealed with them"]
)
def test_a_residence_that_did_not_change_is_no_change(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        if not words:  # as the seals were written before
            patch.setattr(answer_display, "since_birth", lambda day: day)
        receipt = make_filing(birth_date="1998-05-04", quebec_resident_since="1998-05-04")
    draft = amend(receipt)
    sealed = {a.key: a.value for section in read_seal(receipt.filing.seal).sections for a in section.answers}
    assert sealed["quebec_resident_since"].startswith(words or "4")
    own = own_submission(draft.submission.candidate, draft.submission.public_id)
    assert own is not None
    assert changes_of(read_draft_details(own, draft, at=own.read_at), receipt.filing) == []
