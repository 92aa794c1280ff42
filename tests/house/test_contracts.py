"""`docs/contracts.md` and the code agree, in both directions, on commands, shapes, addresses, columns and variables."""

import importlib.util
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any
from zipfile import ZipFile

import pytest
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import translation
from icalendar import Calendar

import eligibility.__main__
import intake.devtools.embedded.mail_catcher
import intake.devtools.embedded.restore_drill
import tests.benchmarks.__main__
import tests.faults.__main__
from eligibility import (
    CriterionKind,
    Effect,
    LegalStatus,
    Outcome,
    StudyLevel,
    StudyState,
    VerdictOutcome,
    evaluate,
)
from eligibility.codec import facts_from_json
from intake.accounts.services import LINK_LIFETIME
from intake.devtools.management.commands import deadline_drill, demonstrate, generate_submissions
from intake.documents import reasons
from intake.documents.child.legibility import Legibility
from intake.documents.child.refusal import Reason
from intake.documents.management.commands.inspect_upload import DEFAULT_BYTES, DEFAULT_PAGES
from intake.dossiers.child import receipt_format
from intake.dossiers.management.commands import verify_receipt
from intake.dossiers.receipts import receipt_file
from intake.dossiers.receipts.receipt_file import Problem
from intake.dossiers.sealed_payload import READABLE_SCHEMAS
from intake.register import forms as register_forms
from intake.review.exports.archive import write_zip
from intake.review.exports.columns import COLUMNS, SCHEMA
from intake.review.exports.operations import FORMATS, LANGUAGES
from intake.review.exports.pdf_file import _WIDTHS as IN_THE_PDF
from intake.review.models import LIST_REASON_MAX
from intake.transparency import views
from intake.transparency.auditing import FaultKind
from intake.transparency.checking import Refusal
from offers.calendars import Deadline, deadlines_calendar
from offers.facets import FACETS
from offers.listing import FILTERS, LATEST_FIRST
from offers.management.commands import import_offer
from offers.models import Offer
from offers.models.offer import OfferPhase
from tests.eligibility.examples import FACTS
from tests.factories.submissions import make_open_offer
from tests.house import contract_samples
from tests.house.contracts import (
    ROOT,
    TYPES,
    alternatives,
    arguments_of,
    codes,
    differences,
    documented,
    exit_codes,
    page,
    program_arguments,
    project_commands,
    read_by_settings,
    read_elsewhere,
    rows,
    shapes,
    way_given,
)
from tests.house.routes import all_routes
from tests.settings.environment import NEEDED, run


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _section(title: str) -> str:
    """Return the text after a heading, up to the next heading."""
    return re.split(r"^#+ ", page().partition(f"# {title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


# -- Commands --------------------------------------------------------------------------------------------------------
COMMANDS = sorted(project_commands())
PROGRAMS: dict[str, Callable[[], object]] = {
    "python -m eligibility": eligibility.__main__.main,
    "python -m intake.devtools.embedded.mail_catcher": intake.devtools.embedded.mail_catcher.main,
    "scripts/bench": tests.benchmarks.__main__.main,
    "scripts/faults": tests.faults.__main__.main,
    "scripts/restore_drill": intake.devtools.embedded.restore_drill.main,
    "scripts/catalogue": _script("catalogue").main,
    "scripts/setup": _script("setup").main,
}
"""Programs that read options, by their name on the page."""


def test_the_page_lists_exactly_the_management_commands() -> None:
    assert {name for name in documented() if " " not in name and "/" not in name} == set(COMMANDS)
    assert len(COMMANDS) > 20


@pytest.mark.parametrize("name", [*COMMANDS, *PROGRAMS])
def test_the_page_lists_exactly_the_arguments_of_each_command(name: str) -> None:
    declared = program_arguments(PROGRAMS[name]) if name in PROGRAMS else arguments_of(name)
    said = documented()[name]

    def is_computed(argument: str) -> bool:
        return "by default" in said.meanings.get(argument, "")

    # A computed default is documented in prose.
    given = {
        argument: "optional" if is_computed(argument) and way.startswith("default") else way
        for argument, action in declared.items()
        for way in [way_given(action)]
    }
    assert said.arguments == given
    for argument, action in declared.items():
        assert set(action.choices or ()) <= set(codes(said.meanings[argument])), argument


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_lists_exactly_the_exit_codes_of_each_command(name: str) -> None:
    assert documented()[name].exit_codes == exit_codes(name)


@pytest.mark.parametrize("name", ["python -m eligibility", "scripts/bench", "scripts/faults"])
def test_the_page_lists_exactly_the_exit_codes_of_each_program(name: str) -> None:
    module = vars(importlib.import_module(PROGRAMS[name].__module__))
    names = ("DONE", "HOLDS", "NOT_WRITTEN", "DOES_NOT_HOLD", "BAD_INPUT", "INTERRUPTED")
    assert documented()[name].exit_codes == {module[each] for each in names if each in module}


def test_the_page_describes_the_output_of_each_command() -> None:
    assert [
        name for name in COMMANDS if name not in shapes() and "rints " not in documented()[name].does
    ] == []


def test_the_page_lists_exactly_the_scripts() -> None:
    named = {each.removesuffix(".py") for each in re.findall(r"\bscripts/([\w.]+\w)", page())}
    assert named == {path.stem for path in (ROOT / "scripts").iterdir() if path.is_file()}


def test_the_page_lists_exactly_the_make_targets_and_their_variables() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    said = {codes(target)[0].removeprefix("make "): words for target, words in rows("target")}
    assert set(said) == set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    taken = set(re.findall(r"\$\((\w+)\)", makefile)) - {"PYTHON"}
    assert taken == {word for word in codes(said["mutants"]) if word.isupper()}


# -- Shapes ----------------------------------------------------------------------------------------------------------
def test_each_shape_of_the_page_has_a_sample_written_by_the_code() -> None:
    assert set(shapes()) == {*contract_samples.PURE, *contract_samples.STORED}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> contract_samples.Here:
    return contract_samples.Here(tmp_path, monkeypatch)


@pytest.mark.parametrize("name", contract_samples.PURE)
def test_output_of_the_code_has_the_keys_and_types_of_the_page(
    name: str, here: contract_samples.Here
) -> None:
    assert differences(name, contract_samples.PURE[name](here)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", contract_samples.STORED)
def test_output_about_stored_rows_has_the_keys_and_types_of_the_page(
    name: str, here: contract_samples.Here
) -> None:
    assert differences(name, contract_samples.STORED[name](here)) == []


def test_an_extra_or_missing_key_and_another_type_are_found() -> None:
    right = {"tried": 1}
    assert differences("deliver_outbox", [right]) == []
    for wrong in ({}, {"tried": 1, "more": 1}, {"tried": "1"}, {"tried": True}, {"tried": None}, [right]):
        assert differences("deliver_outbox", [wrong]), wrong
    assert differences("roots", [{"schema": 1, "tree": "", "keys": "", "roots": [], "next": None}]) == [
        ".roots[]: nothing was written there"
    ]


def test_the_page_defines_exactly_the_types_that_shapes_may_use() -> None:
    defined = {name for kind, _words in rows("type") for name in re.findall(r"`([a-z][a-z0-9]*)`", kind)}
    assert defined == set(TYPES)


CHOICES: list[tuple[str, str, Iterable[str]]] = [
    ("criterion", "kind", CriterionKind),
    ("criterion", "effect", Effect),
    ("finding", "kind", CriterionKind),
    ("finding", "effect", Effect),
    ("finding", "outcome", Outcome),
    ("verdict", "outcome", VerdictOutcome),
    ("facts", "legal_status", LegalStatus),
    ("studies", "[].level", StudyLevel),
    ("studies", "[].state", StudyState),
    ("load_demonstration_offers", "offers[].moment", OfferPhase.values),
    ("export_shortlist", "format", FORMATS),
    ("export_shortlist", "language", LANGUAGES),
]


@pytest.mark.parametrize("name, path, choices", CHOICES)
def test_the_codes_of_each_field_equal_those_of_the_page(
    name: str, path: str, choices: Iterable[str]
) -> None:
    assert alternatives(name, path) == {str(choice) for choice in choices}


def _written_in(*modules: str) -> set[str]:
    """Return the codes between quotes in the source of `modules`."""
    return {
        code
        for name in modules
        for code in re.findall(r'"([A-Z][A-Z_]{2,})"', (ROOT / name).read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize(
    "name, written",
    [
        ("fault", set(FaultKind)),
        ("verify_receipt", {*Problem, "UNKNOWN", *Refusal}),
        ("difference", _written_in("intake/journal/chain.py", "intake/submissions/audit/verification.py")),
    ],
)
def test_the_reasons_of_each_shape_equal_those_of_the_page(name: str, written: set[str]) -> None:
    assert {code for code in codes(shapes()[name].notes) if code.isupper()} == {str(code) for code in written}


def test_the_codes_of_an_inspection_equal_those_of_the_page() -> None:
    kinds, refused, taken_out, warned = (cells[1] for cells in rows("codes"))
    assert dict(re.findall(r"`(\w+)` (\d+)", kinds)) == {
        kind: str(pages) for kind, pages in DEFAULT_PAGES.items()
    }
    assert set(codes(refused)) == {str(reason) for reason in Reason}
    assert set(codes(taken_out)) == {*reasons._REMOVED_LABELS, *reasons._SILENT}
    assert set(codes(warned)) == {*Legibility} == {*reasons._WARNINGS}


def test_the_parameters_and_findings_of_each_kind_equal_those_of_the_page(
    here: contract_samples.Here,
) -> None:
    said = {
        codes(kind)[0]: tuple(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", cell)) for cell in cells)
        for kind, *cells in rows("kind")
    }
    rulebook = contract_samples.every_kind()
    found = {}
    for criterion, finding in zip(
        contract_samples.criteria(here), evaluate(rulebook, facts_from_json(FACTS)).findings, strict=True
    ):
        parameters = [key for key in criterion if key not in {"kind", "effect", "clause"}]
        found[criterion["kind"]] = (parameters, list(finding.observed), list(finding.would_pass))
    assert said == found


def _said_of(name: str) -> str:
    """Return the page's text about a command or a shape, without its JSON."""
    said = documented().get(name)
    notes = [shapes()[name].notes] if name in shapes() else []
    return " ".join([*notes, *([said.does, *said.meanings.values()] if said else [])])


MIB = 1024 * 1024


@pytest.mark.parametrize(
    "name, words",
    [
        ("import_offer", f"at most {import_offer._MAX_BYTES // MIB} MiB"),
        ("inspect_upload", f"at most {DEFAULT_BYTES // MIB} MiB"),
        ("import_participants", f"at most {register_forms.MAX_BYTES // MIB} MiB"),
        ("verify_receipt", f"at most {receipt_file.MAX_BYTES // MIB} MiB"),
        ("verify_receipt", f"at most {verify_receipt._ROOTS_AT_MOST // MIB} MiB"),
        ("export_shortlist", f"more than {LIST_REASON_MAX} characters"),
        ("deadline_drill", f"from 1 to {deadline_drill.MAX_SUBMISSIONS}"),
        ("deadline_drill", f"from 0 to {deadline_drill.MAX_SECONDS:g}"),
        ("generate_submissions", f"up to {generate_submissions.THROUGH_SERVICES} people"),
        ("demonstrate", f"{demonstrate.MAIL_SECONDS:g} and {demonstrate.DOSSIER_SECONDS:g} by default"),
        ("demonstrate", f"valid for {LINK_LIFETIME // timedelta(hours=1)} hours"),
        ("roots", f"{views.ROOTS_SENT} at most"),
        ("leaves", f"{views.LEAVES_SENT:,} at most"),
        ("receipt", f"property `facts` of `{receipt_format.NAMESPACE}`"),
        ("receipt", f"in its field `{receipt_format.FIELD}`"),
    ],
)
def test_limits_and_names_of_the_page_are_those_of_the_code(name: str, words: str) -> None:
    assert words in " ".join(_said_of(name).split())


def test_the_page_names_the_readable_payload_schemas() -> None:
    assert f"Schemas {min(READABLE_SCHEMAS)} to {max(READABLE_SCHEMAS)} are read" in page()
    assert set(range(min(READABLE_SCHEMAS), max(READABLE_SCHEMAS) + 1)) == READABLE_SCHEMAS


# -- HTTP ------------------------------------------------------------------------------------------------------------
def _addresses() -> set[str]:
    return {route.address({name: f"<{name}>" for name in route.parameters}) for route in all_routes()}


def _is_for_programs(address: str) -> bool:
    last = address.rpartition("/")[2]
    return "." in last or last in {"healthz", "readyz"}


def test_the_page_lists_exactly_the_addresses_for_programs() -> None:
    said = {codes(cells[0])[0] for cells in rows("address")}
    assert said - _addresses() == set(), "the page has addresses that the portal has not"
    assert {each for each in _addresses() if _is_for_programs(each)} - said == set()


KEPT = {None: "", 60: "kept a minute", 3600: "kept an hour", 86_400: "kept a day"}


@pytest.mark.django_db
def test_the_cache_time_and_etag_of_each_address_are_those_of_the_page(
    here: contract_samples.Here,
) -> None:
    values = {"number": str(make_open_offer().number), "rank": 2, "first": 2, "second": 3}
    values["leaf_hash"] = contract_samples.last_leaf_hash(here)
    said = {codes(address)[0]: answer for address, _who, answer in rows("address")}
    found = {}
    for address in said:
        if re.search(r"\.(ics|atom)$|^/verifier/(registre/.|cles)", address):
            answer = Client().get(re.sub(r"<(\w+)>", lambda name: str(values[name[1]]), address))
            age = re.search(r"max-age=(\d+)", answer.headers.get("Cache-Control", ""))
            found[address] = (
                answer.status_code,
                KEPT[int(age[1]) if age else None],
                "ETag" in answer.headers,
            )
    assert len(found) > 8
    assert found == {
        address: (
            200,
            next((words for words in KEPT.values() if words and words in said[address].lower()), ""),
            has_tag,
        )
        for address in found
        for has_tag in ["`ETag`" in said[address]]
    }


def test_the_parameters_of_the_list_of_offers_equal_those_of_the_page() -> None:
    (said,) = (cells[2] for cells in rows("address") if cells[0] == "`/offres/`")
    source = (ROOT / "offers" / "listing.py").read_text(encoding="utf-8")
    read = set(re.findall(r'parameters\.get\("(\w+)"', source)) | {facet.parameter for facet in FACETS}
    assert set(codes(said)) == read | {one.code for one in FILTERS if one.code} | {LATEST_FIRST}


def _elements(form: str) -> dict[str, set[str]]:
    return {codes(element)[0]: set(codes(has)) for kind, element, has in rows("format") if kind == form}


def test_a_deadline_has_the_properties_of_the_page() -> None:
    noon = datetime(2027, 8, 1, 16, tzinfo=UTC)
    offer = Offer(
        number="2027-020", closes_on=date(2027, 8, 1), closes_at=noon, status=Offer.Status.PUBLISHED
    )
    deadline = Deadline(offer=offer, summary="Fin", description="Fin", url="/", changed_at=noon, revision=1)
    calendar: Any = Calendar.from_ical(deadlines_calendar([deadline], name="Dates"))
    assert {part.name: {str(name) for name in part} for part in calendar.walk()} == _elements("Calendar")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/offres/flux.atom", "/verifier/registre/flux.atom"])
def test_a_feed_has_the_elements_of_the_page(address: str, here: contract_samples.Here) -> None:
    make_open_offer()
    contract_samples.STORED["roots"](here)
    feed = ET.fromstring(Client().get(address).content)  # noqa: S314 -- our own feed
    entry = next(each for each in feed if each.tag.endswith("entry"))
    assert {
        element.tag.rpartition("}")[2]: {child.tag.rpartition("}")[2] for child in element}
        for element in (feed, entry)
    } == _elements("Atom")


# -- Files -----------------------------------------------------------------------------------------------------------
def test_the_columns_of_a_shortlist_equal_those_of_the_page_in_order() -> None:
    english = read_po(BytesIO((ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po").read_bytes()))
    with translation.override("fr"):
        columns = [(column, str(column.header)) for column in COLUMNS]
    said = [
        [
            f"`{column.id}`",
            header,
            getattr(english.get(header), "string", ""),
            column.kind.name.lower(),
            "yes" if column.id in IN_THE_PDF else "",
        ]
        for column, header in columns
    ]
    assert rows("column") == said
    assert f"The columns, version {SCHEMA}." in _section("Exported shortlists")


@pytest.mark.django_db
def test_the_members_of_an_archive_equal_those_of_the_page() -> None:
    archive = BytesIO()
    write_zip(archive, offer=make_open_offer())
    said = {
        name
        for name in codes(_section("Exported shortlists").partition("An archive has")[2])
        if "/" not in name
    }
    with ZipFile(archive) as read:
        assert said - {column.id for column in COLUMNS} == set(read.namelist())


# -- The environment -------------------------------------------------------------------------------------------------
SETTINGS = {codes(cells[0])[0]: cells for cells in rows("variable") if len(cells) == 4}
OTHERS = {name: cells for cells in rows("variable") if len(cells) == 3 for name in codes(cells[0])}


def test_the_page_lists_exactly_the_variables_that_the_settings_read() -> None:
    assert set(SETTINGS) == set(read_by_settings())


def test_the_page_names_the_required_variables() -> None:
    answer = run("-c", "from intake.settings import production as p; print(*p.MISSING_FOR_SERVING)", **NEEDED)
    required = {"services.required", "services.host_names"}
    to_load = {name for name, reads in read_by_settings().items() if reads & required}
    of_some = {
        "REGISTER_KEYS": "web, `filings`",
        "SECOND_FACTOR_KEYS": "web",
        "SIGNING_KEYS": "web, to sign",
        "SIGNING_CERTIFICATE": "web, without the secret",
    }
    expected = dict.fromkeys(to_load, "to load") | dict.fromkeys(answer.stdout.split(), "to serve") | of_some
    assert {name: cells[1] for name, cells in SETTINGS.items() if cells[1]} == expected, answer.stderr


def test_the_page_states_the_plain_defaults_of_the_settings() -> None:
    plain = {
        name: {read.strip("'") for read in reads if not re.match(r"env\.|services\.", read)}
        for name, reads in read_by_settings().items()
    }
    plain["SITE_URL"] = set()  # production derives it from the first allowed host
    plain["TRUSTED_PROXY_COUNT"] = set()  # required to serve
    plain["STATIC_ROOT"] = {"staticfiles"}  # in the clone of the repository
    said = {name: set(codes(cells[2])) for name, cells in SETTINGS.items()}
    said["SITE_URL"] -= {"https://"}
    assert said == plain


def test_each_variable_that_other_programs_read_is_on_the_page() -> None:
    of_a_request = {"CONTENT_TYPE"}  # WSGI's
    assert read_elsewhere() - {"PATH"} - of_a_request <= {*SETTINGS, *OTHERS}


def test_each_variable_of_other_programs_on_the_page_is_read_by_one() -> None:
    gunicorn = importlib.util.find_spec("gunicorn.config")
    assert gunicorn is not None
    files = [
        ROOT / "manage.py",
        ROOT / "docker-compose.yml",
        ROOT / "intake" / "devtools" / "embedded" / "roles.sql",
    ]
    files += [*(ROOT / "intake").rglob("*.py"), ROOT / "scripts" / "secrets", Path(str(gunicorn.origin))]
    sources = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert [name for name in OTHERS if not re.search(rf"\b{name}\b", sources)] == []


def test_each_variable_of_the_containers_is_on_the_page() -> None:
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    secrets = (ROOT / "scripts" / "secrets").read_text(encoding="utf-8")
    taken = set(re.findall(r"\$\{([A-Z_]+)", compose)) | set(
        re.findall(r"^(?:echo \")?([A-Z_]+)=", secrets, re.MULTILINE)
    )
    assert taken - {*SETTINGS, *OTHERS} == set()
    assert len(taken) > 15
