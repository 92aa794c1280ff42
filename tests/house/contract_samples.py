"""Small objects that the code writes: one or more for each shape of `docs/contracts.md`."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone

from eligibility import Rulebook, evaluate
from eligibility.codec import (
    facts_from_json,
    rulebook_from_json,
)
from intake.devtools import embedded
from intake.devtools.deadline_drill.results import Clocks, count_results
from intake.devtools.demonstration import filing
from intake.devtools.embedded import restore_drill
from intake.devtools.management.commands import demonstrate, generate_submissions
from intake.devtools.synthetic.people import Tally
from intake.documents.inspection import Inspection
from intake.documents.management.commands.inspect_upload import _shape as inspection_shape
from intake.dossiers.downloads import _with_log_proof
from intake.dossiers.models import SignedReceipt
from intake.dossiers.receipts.receipt_file import make_json_receipt
from intake.dossiers.sealed_payload import MovedClosing, SealedComplement, SealedExtension
from intake.journal.chain import Audit, Difference
from intake.operations.management.commands import check_invariants
from intake.outbox.management.commands import deliver_outbox
from intake.signing.services import published_keys, sign
from intake.submissions.audit.verification import DossiersAudit
from intake.submissions.management.commands import verify_audit, verify_dossiers
from intake.submissions.personal_data.operations import own_data
from intake.transparency import services as log_services
from intake.transparency.documents import (
    consistency_document,
    inclusion_document,
    public_inclusion_document,
    root_document,
)
from intake.transparency.leaves import hash_text, leaf_text
from intake.transparency.models import Leaf
from offers.models import Offer
from offers.services.creating import default_programme
from offers.structured_data import job_posting
from tests.benchmarks.__main__ import _shape as figure_shape
from tests.benchmarks.measuring import Benchmark, Figure, Target
from tests.eligibility.examples import FACTS, RULEBOOK, criterion, rulebook_with
from tests.factories.payloads import payload
from tests.factories.receipts import facts
from tests.factories.submissions import (
    make_arrival,
    make_draft,
    make_filing,
    make_open_offer,
    make_waiting_upload,
)
from tests.faults.measuring import measured
from tests.offers.parsed_pages import PAGES
from tests.submissions.filed_pages import withdraw
from tests.transparency.conftest import FakeReceiptSource, publish_new

CLAUSE = {"reference": "Admissibilité, 1", "text": "Avoir au moins 18 ans."}


@dataclass(frozen=True, slots=True)
class Here:
    """Where a sample is made: a temporary directory, and the replacements for servers and workers."""

    tmp: Path
    patch: pytest.MonkeyPatch


type Samples = Callable[[Here], list[Any]]
PURE: dict[str, Samples] = {}
"""Samples that need no database."""
STORED: dict[str, Samples] = {}
"""Samples that need the database."""


def _of(register: dict[str, Samples], *names: str) -> Callable[[Samples], Samples]:
    def keep(samples: Samples) -> Samples:
        register.update(dict.fromkeys(names or [samples.__name__], samples))
        return samples

    return keep


def printed(name: str, *arguments: str) -> Any:
    """Return the object that the command `name` prints, whatever its exit code."""
    out = StringIO()
    with suppress(SystemExit):
        call_command(name, *arguments, stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


# -- Eligibility -----------------------------------------------------------------------------------------------------
def every_kind() -> Rulebook:
    """Return a rulebook with one criterion of each kind, each with its clause."""
    kinds = [*RULEBOOK["criteria"], criterion("OTHER")]
    return rulebook_from_json(rulebook_with(criteria=[{**one, "clause": CLAUSE} for one in kinds]))


@_of(PURE)
def rulebook(_here: Here) -> list[Any]:
    return [every_kind().as_json()]


@_of(PURE, "criterion")
def criteria(_here: Here) -> list[Any]:
    written: Any = every_kind().as_json()["criteria"]
    return list(written)


@_of(PURE, "clause")
def clauses(here: Here) -> list[Any]:
    return [written["clause"] for written in criteria(here)]


@_of(PURE, "facts")
def given_facts(_here: Here) -> list[Any]:
    nothing: dict[str, Any] = {}
    return [facts_from_json(said).as_json() for said in (FACTS, nothing, {"studies": [nothing]})]


@_of(PURE)
def studies(here: Here) -> list[Any]:
    return [said["studies"] for said in given_facts(here) if said["studies"]]


@_of(PURE)
def verdict(_here: Here) -> list[Any]:
    return [evaluate(every_kind(), facts_from_json(FACTS)).as_json()]


@_of(PURE, "finding")
def findings(here: Here) -> list[Any]:
    return list(verdict(here)[0]["findings"])


# -- Filings and receipts --------------------------------------------------------------------------------------------
SEALED = payload(
    extension=SealedExtension("2026-10-05T04:00:00Z"),
    moved=MovedClosing("2026-09-30T04:00:00Z", "2026-09-20T15:30:00.123456Z"),
    complement=SealedComplement("2026-10-10T15:30:00Z", "Le relevé est illisible.", "2026-10-21T04:00:00Z"),
)


@_of(PURE, "payload")
def payloads(_here: Here) -> list[Any]:
    return [json.loads(SEALED.canonical())]


def _part_of_the_sealed(name: str) -> Samples:
    return lambda _here: [json.loads(SEALED.canonical())[name]]


PURE |= {name: _part_of_the_sealed(name) for name in ("extension", "moved", "complement")}


@_of(PURE)
def receipt(_here: Here) -> list[Any]:
    return [facts().as_json(), facts(replaces="2027-020-000001-A").as_json()]


@_of(PURE)
def leaf(_here: Here) -> list[Any]:
    return [json.loads(leaf_text(facts().leaf))]


@_of(PURE)
def keys(_here: Here) -> list[Any]:
    older = "02" + "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    with override_settings(SIGNING_KEYS=settings.SIGNING_KEYS | {"older": older}):
        return [published_keys()]


def _logged(here: Here) -> Iterator[Any]:
    """Publish two roots, the second over a receipt; yield the receipt, then the roots."""
    shelf = FakeReceiptSource()
    here.patch.setattr(log_services._Registered, "source", shelf)
    shelf.receive(2)
    earlier = publish_new()
    shelf.kept[facts().number] = facts(received_at=timezone.now().astimezone(UTC).isoformat()).leaf
    later = publish_new()
    yield Leaf.objects.get(number=facts().number)
    yield earlier
    yield later


def last_leaf_hash(here: Here) -> str:
    """Publish some receipts. Return the leaf hash of the last one."""
    added, _earlier, _later = _logged(here)
    return hash_text(added.text).hex()


@_of(STORED)
def root(here: Here) -> list[Any]:
    _leaf, _earlier, later = _logged(here)
    return [root_document(later)]


@_of(STORED)
def proof(here: Here) -> list[Any]:
    added, _earlier, later = _logged(here)
    return [public_inclusion_document(added, later)]


@_of(STORED)
def receipt_proof(here: Here) -> list[Any]:
    added, _earlier, later = _logged(here)
    return [inclusion_document(added, later)]


@_of(STORED)
def consistency(here: Here) -> list[Any]:
    _leaf, earlier, later = _logged(here)
    return [consistency_document(earlier, later)]


@_of(STORED)
def roots(here: Here) -> list[Any]:
    list(_logged(here))
    return [Client().get("/verifier/registre/racines.json").json()]


@_of(STORED)
def leaves(here: Here) -> list[Any]:
    list(_logged(here))
    return [Client().get("/verifier/registre/feuilles.json").json()]


@_of(STORED)
def twin(here: Here) -> list[Any]:
    list(_logged(here))
    written = make_json_receipt(facts(), sign(facts().canonical()))
    return [
        json.loads(written),
        json.loads(_with_log_proof(SignedReceipt(number=facts().number, twin=written))),
    ]


@_of(STORED)
def verify_receipt(here: Here) -> list[Any]:
    shelf = FakeReceiptSource({facts().number: facts().leaf})
    here.patch.setattr(log_services._Registered, "source", shelf)
    publish_new()
    written = make_json_receipt(facts(), sign(facts().canonical()))
    texts = {
        "keys": json.dumps(published_keys()),
        "twin": _with_log_proof(SignedReceipt(number=facts().number, twin=written)),
        "roots": Client().get("/verifier/registre/racines.json").content.decode(),
    }
    for name, text in texts.items():
        (here.tmp / f"{name}.json").write_text(text)
    by_keys = [str(here.tmp / "twin.json"), "--keys", str(here.tmp / "keys.json")]
    return [
        printed("verify_receipt", *by_keys, "--roots", str(here.tmp / "roots.json")),
        printed("verify_receipt", "7K3M-9QXD-2TBC"),
    ]


@_of(STORED)
def verify_log(here: Here) -> list[Any]:
    shelf = FakeReceiptSource()
    here.patch.setattr(log_services._Registered, "source", shelf)
    shelf.receive(at=timezone.now() - timedelta(days=1))
    return [printed("verify_log")]


@_of(STORED)
def fault(here: Here) -> list[Any]:
    return [verify_log(here)[0]["first"]]


@_of(STORED, "verify_audit")
def audits(here: Here) -> list[Any]:
    make_filing()
    sound = printed("verify_audit")
    differs = Audit(differs=Difference("dossiers_seal", "1", "DIGEST"))
    here.patch.setattr(verify_audit, "verify_seals", lambda: differs)
    return [sound, printed("verify_audit")]


@_of(STORED, "verify_dossiers")
def dossier_audits(here: Here) -> list[Any]:
    sound = printed("verify_dossiers")
    differs = DossiersAudit(differs=Difference("dossiers_seal", "1", "UNREADABLE"))
    here.patch.setattr(verify_dossiers, "verify_dossiers", lambda: differs)
    return [sound, printed("verify_dossiers")]


@_of(STORED)
def difference(here: Here) -> list[Any]:
    return [audits(here)[1]["differs"], dossier_audits(here)[1]["differs"]]


@_of(STORED, "own_data")
def data_of_a_person(_here: Here) -> list[Any]:
    filed = make_filing()
    withdraw(filed)
    draft = make_draft(candidate=filed.filing.submission.candidate)
    make_waiting_upload(draft)
    make_arrival(draft)
    return [own_data(filed.filing.submission.candidate, at=timezone.now())]


# -- Offers and the register -------------------------------------------------------------------------------------------
@_of(STORED)
def offer(_here: Here) -> list[Any]:
    pages = [PAGES / "2024-031-paris.txt", PAGES / "2024-090-geneva-for-a-person.txt"]
    imported = [printed("import_offer", str(path)) for path in pages]
    return [*imported, printed("clone_offer", "2024-031", "--number", "2025-031", "--closes", "2025-10-05")]


@_of(STORED)
def contact(here: Here) -> list[Any]:
    return [imported["contact"] for imported in offer(here)]


@_of(PURE, "job_posting")
def postings(_here: Here) -> list[Any]:
    noon = datetime(2027, 8, 1, 16, tzinfo=UTC)
    published = Offer(
        number="2027-020",
        organisation="Organisation de l’eau",
        organisation_short="ODE",
        domain="Éthique",
        starts_on=date(2028, 1, 10),
        ends_on=date(2028, 7, 7),
        allowance_min=Decimal(13000),
        allowance_max=Decimal(15000),
        place="Paris, France",
        closes_at=noon,
        published_at=noon,
        funder="Fonds de recherche",
    )
    return [job_posting(published, [], url="https://exemple.invalid", publisher="Portail", stage="Stage")]


@_of(STORED)
def load_demonstration_offers(_here: Here) -> list[Any]:
    return [printed("load_demonstration_offers")]


@_of(STORED)
def import_participants(here: Here) -> list[Any]:
    default_programme()
    listed = here.tmp / "liste.csv"
    listed.write_text("last_name,first_name,birth_date,year\nTremblay,Anne,1990-01-02,2019\n")
    return [printed("import_participants", str(listed), "--dry-run")]


@_of(STORED)
def rebuild_register(_here: Here) -> list[Any]:
    return [printed("rebuild_register")]


# -- Files -------------------------------------------------------------------------------------------------------------
@_of(PURE)
def inspect_upload(here: Here) -> list[Any]:
    empty = here.tmp / "vide.pdf"
    empty.touch()
    accepted = Inspection(
        "ACCEPTED", None, "", "cv.pdf", "application/pdf", 2, ("JAVASCRIPT",), warnings=("BLANK_PAGE:2",)
    )
    return [
        printed("inspect_upload", str(empty), "--name", "cv.pdf", "--kind", "CV"),
        inspection_shape(accepted),
    ]


@_of(STORED)
def reclaim_uploads(_here: Here) -> list[Any]:
    return [printed("reclaim_uploads"), printed("reclaim_uploads", "--dry-run")]


@_of(STORED)
def anonymise(_here: Here) -> list[Any]:
    return [printed("anonymise", "--due"), printed("anonymise", "--due", "--dry-run")]


@_of(STORED)
def export_shortlist(here: Here) -> list[Any]:
    asked = [
        "--offer",
        str(make_open_offer().number),
        "--format",
        "csv",
        "--out",
        str(here.tmp / "liste.csv"),
    ]
    return [printed("export_shortlist", *asked)]


# -- The outbox and operations -----------------------------------------------------------------------------------------
@_of(STORED)
def check_outbox(_here: Here) -> list[Any]:
    make_filing()
    return [printed("check_outbox")]


@_of(PURE, "deliver_outbox")
def deliveries(here: Here) -> list[Any]:
    here.patch.setattr(signal, "signal", lambda *_: None)
    here.patch.setattr(deliver_outbox, "deliver_due", lambda **_: 3)
    return [printed("deliver_outbox", "--queue", "mail")]


@_of(STORED, "check_invariants")
def invariants(here: Here) -> list[Any]:
    here.patch.setattr(
        check_invariants, "find_violations", lambda **_: [("a_receipt_has_its_mail", "2027-020-000001-A")]
    )
    return [printed("check_invariants")]


@_of(STORED, "deadline_drill")
def drills(_here: Here) -> list[Any]:
    return [count_results(offer=make_open_offer(), clicks=[], clocks=Clocks(timezone.now(), 1000.0, 0.001))]


@_of(STORED, "generate_submissions")
def generated(here: Here) -> list[Any]:
    open_offer = make_open_offer()

    def load(*, tally: Tally, **_given: object) -> list[int]:
        tally.count(make_filing(offer=open_offer).filing.submission, "ELIGIBLE")
        return [1]

    here.patch.setattr(generate_submissions, "load_applications", load)
    asked = ["--offer", str(open_offer.number), "--count", "1", "--through", "bulk"]
    return [printed("generate_submissions", *asked)]


@_of(STORED, "demonstrate")
def demonstrations(here: Here) -> list[Any]:
    filed = make_filing()
    for name, result in {"find_receipt": filed, "shortlist_application": None, "write_shortlist": 1}.items():
        here.patch.setattr(filing, name, lambda result=result, **_: result)
    here.patch.setattr(
        demonstrate, "make_sign_in_link", lambda **_: "https://exemple.invalid/connexion/lien/x/"
    )
    with override_settings(ONE_TIME_LINKS=True, DATA_DIR=here.tmp):
        return [printed("demonstrate", "--wait", "0")]


@_of(STORED)
def readyz(_here: Here) -> list[Any]:
    return [Client().get(page).json() for page in ("/readyz", "/readyz?all")]


@_of(PURE)
def figures(_here: Here) -> list[Any]:
    figure = Figure.of([1.0] * 5, "")
    benchmark = Benchmark("P12", "Verdicts", Target(">=", 1000), lambda _smoke: figure)
    measure = measured(0, "0 lost", holds=True, note="", values=[0.0, 1.0])
    return [{"P12": figure_shape(benchmark, figure)}, {"R1": dict(measure)}]


@_of(STORED, "restore_drill")
def restored(here: Here) -> list[Any]:
    commands = ("check_invariants", "verify_audit", "verify_dossiers", "verify_log")
    told = {name: json.dumps(STORED[name](here)[0]) for name in commands}
    counts = iter([{"submissions_filing": 2}, {"submissions_filing": 1}])
    dump = here.tmp / "intake.dump"
    here.patch.setattr(
        embedded,
        "servers",
        lambda _folder: nullcontext(SimpleNamespace(database_owner="", database_superuser="")),
    )
    here.patch.setattr(restore_drill, "_run", lambda *_: dump.touch())
    here.patch.setattr(restore_drill, "_counts", lambda _url: next(counts))
    here.patch.setattr(restore_drill, "_copy", lambda _from, _to, seconds: seconds.update(files=0.1))
    here.patch.setattr(restore_drill, "_manage", lambda _folder, name, *_: (1, told[name]))
    return [restore_drill._play(None, None, here.tmp)]
