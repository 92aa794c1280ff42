"""A file that the committee may not be able to read is accepted, and the candidate is warned before filing."""

import pytest

from tests.factories.submissions import make_draft
from tests.submissions.pages import browser_of, text_of, url

pytestmark = pytest.mark.django_db
SENTENCE = "Page\u00a02\u00a0: rien n’est visible. Vérifiez que c’est le bon fichier."


@pytest.mark.parametrize("page", ["documents", "review"])
@pytest.mark.parametrize("is_warned", [True, False])
def test_a_page_with_the_file_displays_its_warnings(page: str, *, is_warned: bool) -> None:
    draft = make_draft()
    document = draft.documents.select_related("upload").get(request__kind="CV")
    document.upload.warnings = ["BLANK_PAGE:2"] if is_warned else []
    document.upload.save(update_fields=["warnings"])
    shown = browser_of(draft).get(url(page, draft)).content.decode()
    assert (SENTENCE in shown) is is_warned
    if page == "documents":
        assert ("Ajouté, à vérifier" in text_of(shown.encode())) is is_warned
