"""`manage.py demonstrate`, with the outbox's deliveries performed in this process instead of by a worker."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from intake.devtools.demonstration.filing import find_receipt
from intake.devtools.management.commands import demonstrate
from intake.dossiers import services
from intake.dossiers.render import RenderedPdf
from intake.outbox import tasks
from intake.outbox.models import Delivery
from intake.outbox.policy import QUEUES
from intake.outbox.selectors import workable_ids
from intake.submissions.models import Filing, Submission
from offers.models import Offer
from tests.accounts import urls_with_links  # import before a test changes the settings that it reads
from tests.documents.in_process import inspect_in_process
from tests.dossiers.in_process import draw_in_process
from tests.factories.files import pdf_bytes
from tests.factories.people import make_user
from tests.factories.review import make_filed
from tests.factories.submissions import make_open_offer

pytestmark = [pytest.mark.django_db, pytest.mark.urls(urls_with_links.__name__)]


@pytest.fixture(autouse=True)
def embedded_like(settings: Settings, tmp_path: Path) -> None:
    settings.ONE_TIME_LINKS = True
    settings.DATA_DIR = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media"},
        },
    }
    settings.MAILERS = {
        **settings.MAILERS,
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": tmp_path / "mail"},
        },
    }


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Perform the due deliveries each time the command polls."""

    def work_then_look[Found](look: Callable[[], Found | None], *, seconds: float) -> Found | None:
        del seconds
        for queue in QUEUES:
            for pk in workable_ids(queue=queue, at=timezone.now() + timedelta(seconds=1), limit=10):
                Delivery.objects.filter(pk=pk).update(due_at=timezone.now())
                tasks.deliver(pk)
        return look()

    monkeypatch.setattr(demonstrate, "wait_for", work_then_look)
    with inspect_in_process(), draw_in_process():
        yield


def run(*arguments: str) -> tuple[int, dict[str, object], str]:
    out, err, status = StringIO(), StringIO(), 0
    try:
        call_command("demonstrate", *arguments, stdout=out, stderr=err)
    except SystemExit as stopped:
        status = int(str(stopped.code))
    return status, json.loads(out.getvalue()), err.getvalue()


@pytest.mark.usefixtures("worker")
def test_a_first_start_files_an_application_and_a_second_only_prints_links(client: Client) -> None:
    status, shown, said = run()
    assert status == 0, said
    assert "Démonstration\u00a0: une candidature" in said
    assert str(shown["receipt"]) in said
    assert str(shown["receipt"]).encode() in Path(str(shown["mail"])).read_bytes()
    assert Path(str(shown["dossier"])).read_bytes().startswith(b"%PDF-")
    sheet = openpyxl.load_workbook(str(shown["shortlist"])).active
    assert sheet is not None
    cells = {str(cell) for row in sheet.iter_rows(values_only=True) for cell in row}
    assert any(str(shown["receipt"]) in cell for cell in cells)
    assert Submission.objects.get().state == "SHORTLISTED"

    status, again, said_again = run()
    assert status == 0
    assert Filing.objects.count() == 1
    assert {key: value for key, value in again.items() if key != "links"} == {
        key: value for key, value in shown.items() if key != "links"
    }
    assert "Démonstration\u00a0: une candidature" not in said_again
    links = again["links"]
    assert isinstance(links, dict)
    assert sorted(links) == ["administrator", "candidate", "reviewer", "staff"]
    for link in links.values():
        assert link in said_again
        assert client.get(link.removeprefix("http://127.0.0.1:8000")).status_code == 200


def test_without_a_worker_it_reports_that_and_still_prints_links() -> None:
    status, shown, said = run("--wait", "0")
    assert status == 1
    assert (shown["complete"], shown["mail"], shown["dossier"]) == (False, None, None)
    assert "Un travailleur Celery est-il en marche" in said
    assert "/connexion/" in said


@pytest.mark.usefixtures("worker")
def test_an_interrupted_demonstration_resumes_without_filing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: object) -> None:
        raise KeyboardInterrupt

    # The test above covers the dossier's content.
    plain = RenderedPdf(content=pdf_bytes(), pages=1, replaced=())
    monkeypatch.setattr(services, "render_dossier", lambda *_args, **_options: plain)
    with monkeypatch.context() as patch:
        patch.setattr(demonstrate.Command, "_wait_for_dossier", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run()
    assert Filing.objects.count() == 1
    status, shown, _said = run()
    assert (status, shown["complete"]) == (0, True)
    assert Filing.objects.count() == 1


def test_settings_without_sign_in_links_are_refused_before_any_write(settings: Settings) -> None:
    settings.ONE_TIME_LINKS = False
    with pytest.raises(CommandError) as refused:
        call_command("demonstrate")
    assert refused.value.returncode == 2
    assert not Offer.objects.exists()


def test_the_receipt_of_the_demonstration_belongs_to_its_candidate() -> None:
    offer = make_open_offer()
    make_filed(offer)
    own = make_filed(offer)
    assert own.standing_filing is not None
    assert find_receipt(offer=offer, candidate=own.candidate) == own.standing_filing.receipt
    assert find_receipt(offer=offer, candidate=make_user()) is None
