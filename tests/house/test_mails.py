"""`docs/mails.md` lists each mail: to whom, when, what makes it obsolete, its template, its subject and its text.

The page is made from the kinds of delivery, the cases of `obsolescence_cases` and the templates, rendered with
stand-ins. After an intended change, run `make held` and commit the page.
"""

import ast
import inspect
import os
import re
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

import pytest
from django.conf import settings
from django.template import Engine
from django.utils import translation

from intake.accounts import mailers
from intake.outbox import account_mails, kinds
from intake.outbox.messages import send_letter
from intake.privacy import delivery_kinds as privacy_kinds
from intake.privacy.retention import deletion_mail
from intake.review import delivery_kinds as review_kinds
from intake.review.decisions.queries import ANNOUNCED_MOVES
from intake.submissions import delivery_kinds as submission_kinds
from intake.submissions.timeline.queries import MAIL_LABELS
from intake.web.mail_text import text_of_html
from intake.web.mails import LINE_LENGTH, subject_of_html, wrap_text
from tests.house.obsolescence_cases import OBSOLESCENCE_CASES
from tests.house.template_stand_ins import Answers, render, use_stand_ins
from tests.house.template_states import states

PAGE: Final = Path(settings.BASE_DIR) / "docs" / "mails.md"
REWRITE: Final = os.environ.get("HELD") == "rewrite"
DECISIONS: Final = [f"decision_{move.action.lower()}" for move in ANNOUNCED_MOVES]
FOLDER: Final = Path(settings.TEMPLATES[0]["DIRS"][0]) / "mail"
SHARED: Final = {"base.html", "decision.html", "_filed.html"}
"""Templates that are not a mail: the layout, and what several mails contain."""
NAMES: Final = sorted(path.stem for path in FOLDER.glob("*.html") if path.name not in SHARED)
ADDRESS_CODE: Final = "Mail to a person who changes their address, at once: the code that proves a mailbox."
FALSE: Final = {
    "arrival_refused": ["number"],
    "assigned": ["files == 1"],
    "complement_resumed": ["words"],
    "draft_reminder": ["personal"],
    "erasure_notice": ["words"],
    "offer_change": ["change.kind == 'CANCELLED'", "is_cancelled", "receipt"],
    "personal_extension": ["receipt"],
    "receipt": [
        "replaced",
        "asks_review",
        "filing.verdict.under_reserve",
        "complement",
        "window.is_personal",
    ],
    "rulings": ["filing.submission.state == 'WITHDRAWN'"],
    "withdrawal": ["words"],
}
"""Conditions that are false in the state that the page shows: the usual one. All others are true."""
ABOUT: Final = """# Mails

Made from the code by `tests/house/test_mails.py`; `make held` makes it again. The kinds of delivery are declared in
`intake/submissions/delivery_kinds.py`, `intake/review/delivery_kinds.py`, `intake/privacy/delivery_kinds.py` and
`intake/outbox/account_mails.py`, and connected in `intake/wiring.py`. Two are not deliveries: the sign-in code
(`intake/accounts/mailers.py`), and the confirmation that an account is deleted
(`intake/privacy/retention/deletion_mail.py`), which no row may keep. A mail is one
template in HTML: its title is the subject, and the text is made from it.

"""
_TEXTS: Final = """
Each text below is in its usual state, with the name of each value between ‹ and ›. A mail to a candidate goes on in
English if their receipt is in English: for a decision and a mail about a complement or a withdrawal, the receipt of
that filing; for others, their latest. Every text ends with:

"""


class Mail(NamedTuple):
    """One mail of the page; `code` is empty for the mail that is not a delivery."""

    label: str
    code: str
    templates: list[str]
    recipient: str
    occasion: str
    content: str

    @property
    def row(self) -> str:
        """Its line of the table."""
        return f"| {self.label} | {f'`{self.code}`' if self.code else '–'} | {self.recipient} | {self.occasion} |"

    @property
    def obsolescence(self) -> str:
        """What makes it obsolete, as the cases of its kind name it."""
        conditions = OBSOLESCENCE_CASES[self.code].lapses if self.code else {}
        return (
            f"Not sent once: {'; '.join(conditions)}." if conditions else "Sent whatever happens afterwards."
        )


@pytest.fixture(scope="module", autouse=True)
def stand_ins() -> Iterator[None]:
    with use_stand_ins(alone=False), translation.override("fr"):
        yield
    for loader in Engine.get_default().template_loaders:
        loader.reset()  # nodes compiled with stand-ins must not reach other tests


def _descriptions(module: ModuleType) -> dict[str, str]:
    """Return the docstring of each constant of a module."""
    found = {}
    for statement, after in pairwise(ast.parse(inspect.getsource(module)).body):
        match statement, after:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(value=ast.Constant(value=str(said))):
                found[name] = inspect.cleandoc(said)
    return found


def _mail(label: str, code: str, templates: list[str], description: str) -> Mail:
    said = re.fullmatch(r"Mail to ([^,:]+), ([^:]+): (.+)", " ".join(description.split()))
    assert said is not None, f"{label}: {description!r} is not “Mail to RECIPIENT, OCCASION: CONTENT”"
    recipient, occasion, content = said.groups()
    return Mail(label, code, templates, recipient, occasion, content[0].upper() + content[1:])


def _mails() -> list[Mail]:
    declared = (account_mails, submission_kinds, review_kinds, privacy_kinds)
    said = {code: text for module in declared for code, text in _descriptions(module).items()}
    sent = [
        kind
        for kind in kinds.registered()
        if isinstance(kind.handler, partial) and kind.handler.func is send_letter
    ]
    templates = {kind.code: [kind.code.removesuffix("_MAIL").lower()] for kind in sent}
    templates["DECISION_MAIL"] = DECISIONS
    return [
        _mail("Code de connexion", "", ["sign_in_code"], str(mailers.__doc__)),
        _mail("Code pour changer d’adresse", "", ["address_code"], ADDRESS_CODE),
        _mail("Compte supprimé", "", ["account_deleted"], str(deletion_mail.__doc__)),
        *(_mail(str(kind.label), kind.code, templates[kind.code], said[kind.code]) for kind in sent),
    ]


def _html(name: str, *, languages: tuple[str, ...] = ("fr",)) -> str:
    """Return a mail in its usual state."""
    answers = Answers(otherwise=True, given=dict.fromkeys(FALSE.get(name, ()), False))
    return render(Engine.get_default().get_template(f"mail/{name}.html"), answers, **_frame(languages))


def _frame(languages: tuple[str, ...] = ("fr",)) -> dict[str, Any]:
    return {"languages": languages, "language": "fr", "in_english": len(languages) > 1}


def _text(name: str) -> tuple[str, str]:
    """Return the text of a mail, and the contact after it. A value has no name of what only arranges its lines."""
    length = mailers.LINE_LENGTH if name in {"sign_in_code", "address_code"} else LINE_LENGTH
    html = re.sub(r"\|(linebreaks|linebreaksbr|ordinals|striptags)\b", "", _html(name))
    text, _line, contact = wrap_text(text_of_html(html), length=length).partition("\n--\n")
    return text.strip(), contact.strip()


def _section(mail: Mail) -> Iterator[str]:
    yield f"\n## {mail.label}\n\n{mail.content} {mail.obsolescence}"
    for name in mail.templates:
        subject, text = subject_of_html(_html(name)).replace("|striptags", ""), _text(name)[0]
        yield f"\n`templates/mail/{name}.html`\n\n```text\n{subject}\n\n{text}\n```"


def _page() -> str:
    mails = _mails()
    table = ["| mail | kind | to | when |", "|---|---|---|---|", *(mail.row for mail in mails)]
    _receipt, contact = _text("receipt")
    sections = [line for mail in mails for line in _section(mail)]
    return ABOUT + "\n".join([*table, f"{_TEXTS}```text\n{contact}\n```", *sections, ""])


def test_the_page_shows_each_mail_of_the_code_as_it_is_held() -> None:
    now = _page()
    if REWRITE:
        PAGE.write_text(now, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == now, "Is it what you meant? `make held` makes the page again."


def test_the_page_of_a_submission_lists_each_mail_to_its_candidate() -> None:
    about_submissions = _descriptions(submission_kinds)
    written = {
        mail.code for mail in _mails() if mail.code in about_submissions and "candidate" in mail.recipient
    }
    assert MAIL_LABELS.keys() == written


def test_each_template_of_a_mail_is_on_the_page() -> None:
    assert sorted(name for mail in _mails() for name in mail.templates) == NAMES
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.html" for name in NAMES} | SHARED


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_has_its_subject_its_heading_and_its_addresses_in_each_part(name: str) -> None:
    html = _html(name, languages=("fr", "en"))
    text = text_of_html(html)
    assert "\n" not in subject_of_html(html)
    assert [html.count("<h1>"), text.count("\n----\n"), text.count("\n--\n")] == [1, 1, 1]
    addresses = [address.removeprefix("mailto:") for address in re.findall(r'href="([^"]+)"', html)]
    assert [line for line in text.splitlines() if line in addresses] == addresses


@pytest.mark.parametrize("name", NAMES)
def test_no_line_of_a_mail_begins_with_a_space_or_has_two(name: str) -> None:
    template = Engine.get_default().get_template(f"mail/{name}.html")
    wrong = {
        line
        for html in states(template, **_frame())
        for line in text_of_html(html).splitlines()
        if re.search(r"^ |  | $", line)
    }
    assert wrong == set()
