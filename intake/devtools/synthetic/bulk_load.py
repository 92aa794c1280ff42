"""Bulk loading of invented applications: the rows that the operations would write, in the same order, by COPY.

No trigger and no constraint is disabled: the database stamps each filing, rejects it outside the offer's dates and
checks at commit that it has a receipt and a verdict. Verdicts come from the rules, seals are salted digests of real
payloads, numbers come from the portal's own sequence. Two things differ from the operations: no delivery is posted to
the outbox (no mail is sent, no dossier built), and people share the stored files of a few documents.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Field, JSONField, Model
from django.db.models.expressions import DatabaseDefault
from psycopg.types.json import Jsonb

from eligibility import Verdict, VerdictOutcome, evaluate
from intake.accounts.models import User
from intake.accounts.services import open_account
from intake.documents.models import Upload
from intake.dossiers.models import Seal
from intake.dossiers.receipt_number import format_number
from intake.dossiers.services import new_seal
from intake.journal.models import Entry
from intake.profiles.answers import profile_values
from intake.profiles.models import Profile
from intake.submissions.filing.payload import payload_of
from intake.submissions.gate.readiness import blocking_positions, check_readiness
from intake.submissions.gate.register_check import register_match
from intake.submissions.models import (
    Draft,
    DraftDocument,
    FiledDocument,
    Filing,
    Receipt,
    ReviewRequest,
    Submission,
    Transition,
)
from intake.submissions.models import (
    Verdict as KeptVerdict,
)
from intake.submissions.questions.answers import facts_of
from intake.submissions.questions.offer_questions import OfferQuestions
from intake.submissions.questions.sections import answers_in_sections, read_offer_questions, sections_for
from intake.submissions.states import TABLE, Action, HumanReview, State
from offers.models import DocumentRequest, Offer, RulebookVersion
from offers.selectors import current_rulebook, document_requests

from .people import REASON, REVIEW_MESSAGE, Application, Tally, draw_applications
from .service_steps import ALL_DECLARATIONS, copy_uploads, make_sample_upload

BATCH_SIZE: Final = 1_000
"""Applications per transaction: a batch is kept in memory, and an interruption loses one batch."""

_MODELS: Final[tuple[type[Model], ...]] = (
    *(User, Profile, Submission, Draft, Upload, DraftDocument, Seal, Filing, FiledDocument),
    *(Receipt, KeptVerdict, ReviewRequest, Transition, Entry),
)
"""In the order of writing: the trigger of a filing reads its submission."""
_KEYED: Final[tuple[type[Model], ...]] = (User, Submission, Draft, Upload, Seal, Filing)
"""Models to which other rows refer."""
_UPDATE_FILED: Final = """
UPDATE submissions_submission s SET state = v.state, version = v.version, standing_filing_id = v.filing,
    reserve = v.reserve, filed_name = v.name
FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::bigint[], %s::text[], %s::text[])
    AS v (id, state, version, filing, reserve, name)
WHERE s.id = v.id
"""


class Batch:
    """Rows to be written together, by model."""

    def __init__(self, *, people: int, documents: int) -> None:
        sizes = {model: people * (documents if model is Upload else 1) for model in _KEYED}
        self._keys = {model: iter(allocate_keys(model, size)) for model, size in sizes.items()}
        self._rows: dict[type[Model], list[Model]] = {model: [] for model in _MODELS}
        self.filed: list[Submission] = []
        """Filed submissions: each row is inserted in the state of a draft, and then updated."""
        self.serials = iter(allocate_serials("submissions_receipt_serial", people))

    def add[Row: Model](self, row: Row) -> Row:
        """Add a row to the batch, with a primary key if other rows refer to it."""
        if type(row) in self._keys and row.pk is None:
            row.pk = next(self._keys[type(row)])
        self._rows[type(row)].append(row)
        return row

    def note(self, actor: User, action: str, subject: User | Submission, detail: str = "") -> None:
        """Add a journal entry, with the columns that `intake.journal.services.record` writes."""
        self.add(
            Entry(
                actor=actor,
                action=action,
                subject_kind=subject._meta.label_lower,
                subject_id=str(subject.public_id),
                detail=detail,
            )
        )

    def add_account(self, email: str, *, at: datetime) -> User:
        """Add an account without a password."""
        user = User(email=email, date_joined=at)
        user.set_unusable_password()
        return self.add(user)

    def add_draft(self, *, offer: Offer, candidate: User, answers: dict[str, Any], at: datetime) -> Draft:
        """Add a submission with its draft. The draft's submission is a copy: the row keeps its first state."""
        submission = copy(self.add(Submission(offer=offer, candidate=candidate)))
        draft = self.add(Draft(submission=submission, answers=answers, version=1, saved_at=at))
        self.note(candidate, "DRAFT_STARTED", submission)
        return draft

    def write(self) -> None:
        """Insert all rows, then set the state and the current filing of the submissions."""
        for rows in self._rows.values():
            copy_rows(rows)
        if self.filed:
            values = [
                (row.pk, row.state, row.version, row.standing_filing_id, row.reserve, row.filed_name)
                for row in self.filed
            ]
            with connection.cursor() as cursor:
                cursor.execute(_UPDATE_FILED, [list(column) for column in zip(*values, strict=True)])


def load_applications(*, offer: Offer, seed: int, count: int, staff: User, tally: Tally) -> Iterator[int]:
    """Load the first `count` applications of `seed` in batches; yield the number processed after each.

    Existing applications are counted and skipped. A batch commits in full or not at all.

    :raises django.db.IntegrityError: if the offer closed during the load; earlier batches stay committed.
    """
    papers: list[Upload] = []
    for first in range(0, count, BATCH_SIZE):
        ranks = range(first, min(first + BATCH_SIZE, count))
        with transaction.atomic():
            _load_batch(offer, staff, seed, ranks, papers, tally)
        yield ranks.stop


def _load_batch(
    offer: Offer, staff: User, seed: int, ranks: range, papers: list[Upload], tally: Tally
) -> None:
    version = current_rulebook(offer)
    requests = tuple(document_requests(offer).filter(required=True))
    asks = read_offer_questions(offer, version)
    with connection.cursor() as cursor:
        cursor.execute("SELECT transaction_timestamp()")
        (now,) = cursor.fetchone()
    on = now.astimezone(offer.zone).date()
    drawn = list(draw_applications(asks=asks, seed=seed, ranks=ranks, on=on))
    emails = [application.person.email for application in drawn]
    people = {user.email: user for user in User.objects.filter(email__in=emails)}
    applied = Submission.objects.filter(offer=offer, candidate__in=people.values())
    taken = set(applied.values_list("candidate__email", flat=True))
    fresh = [application for application in drawn if application.person.email not in taken]
    tally.already += len(drawn) - len(fresh)
    if not fresh:
        return
    loader = _Loader(
        offer=offer,
        staff=staff,
        version=version,
        asks=asks,
        requests=requests,
        people=people,
        papers=papers,
        now=now,
        batch=Batch(people=len(fresh), documents=len(requests)),
    )
    loader.validate_one(fresh, on)
    for application in fresh:
        tally.count(*loader.load(application))
    loader.batch.write()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loader:
    """What the applications of a batch share, and the batch to which they are added."""

    offer: Offer
    staff: User
    """Decides on the filings."""
    version: RulebookVersion
    asks: OfferQuestions
    requests: tuple[DocumentRequest, ...]
    people: dict[str, User]
    """Existing accounts, by address."""
    papers: list[Upload]
    now: datetime
    batch: Batch

    def validate_one(self, fresh: Sequence[Application], on: date) -> None:
        """Check the readiness of one application that is to be filed: all answers are drawn in the same way.

        :raises ValueError: if a form would reject the answers: the offer has a question for which none are drawn.
        """
        sample = next((application for application in fresh if application.files), None)
        if sample is None:
            return
        readiness = check_readiness(
            answers=sample.answers,
            documents=self.requests,
            provided=[request.pk for request in self.requests],
            asks=self.asks,
            on=on,
        )
        if readiness.missing_sections:
            msg = f"no answers are drawn for {[section.key for section in readiness.missing_sections]}"
            raise ValueError(msg)

    def load(self, application: Application) -> tuple[Submission, str | None]:
        """Add an application to the batch; return its submission and the verdict of its filing, None for a draft."""
        rulebook, programme = self.asks.rulebook, self.offer.programme
        match = None
        if application.files:
            match = register_match(answers=application.answers, rulebook=rulebook, programme=programme)
        asked = answers_in_sections(sections_for(self.asks), application.answers)
        verdict = evaluate(rulebook, facts_of(asked, register_match=match))
        reserve = verdict.outcome is VerdictOutcome.INELIGIBLE
        admitted = verdict.outcome in {VerdictOutcome.ELIGIBLE, VerdictOutcome.NEEDS_REVIEW}
        files = application.files and (admitted or (reserve and application.asks_for_review))
        candidate = self._candidate(application, sends_first_papers=files and not self.papers)
        draft = self.batch.add_draft(
            offer=self.offer, candidate=candidate, answers=application.answers, at=self.now
        )
        submission = draft.submission
        if not files:
            return submission, None
        self._file(draft, verdict, REVIEW_MESSAGE if reserve else "", match)
        self._move(submission, (Action.FILE, *(() if reserve else application.moves)))
        self.batch.filed.append(submission)
        return submission, verdict.outcome.value

    def _candidate(self, application: Application, *, sends_first_papers: bool) -> User:
        """Return the candidate's account, added if missing; the owner of the first documents is created at once."""
        email = application.person.email
        candidate = self.people.get(email)
        if sends_first_papers:
            candidate = candidate or open_account(email=email, at=self.now)[0]
            for request in self.requests:
                self.papers.append(make_sample_upload(owner=candidate, request=request, at=self.now))
        if candidate is None:
            candidate = self.batch.add_account(email, at=self.now)
            self.batch.note(candidate, "ACCOUNT_OPENED", candidate)
        if email not in self.people:
            # As `intake.profiles.services.remember_answers` would store them.
            self.batch.add(Profile(user=candidate, **profile_values(application.answers)))
        return candidate

    def _file(self, draft: Draft, verdict: Verdict, review_message: str, match: bool | None) -> None:  # noqa: FBT001 -- result of the register check
        """Seal the application; add its filing to the batch, with all rows that must commit with it."""
        submission = draft.submission
        documents = self._attach(draft)
        payload = payload_of(
            draft=draft,
            sequence=1,
            documents=documents,
            asks=self.asks,
            verdict=verdict,
            declarations=ALL_DECLARATIONS,
            review_message=review_message,
            register_match=match,
        )
        seal = self.batch.add(new_seal(payload=payload, at=self.now))
        filing = self.batch.add(Filing(submission=submission, sequence=1, draft=draft, seal=seal))
        for row in documents:
            self.batch.add(
                FiledDocument(filing=filing, request=row.request, upload=row.upload, sha256=row.upload.sha256)
            )
        number = format_number(self.offer.number or "", next(self.batch.serials))
        self.batch.add(Receipt(filing=filing, number=number))
        self.batch.add(
            KeptVerdict(
                filing=filing,
                rulebook=self.version,
                outcome=verdict.outcome.value,
                under_reserve=bool(review_message),
                rulebook_digest=verdict.rulebook_digest,
                facts_digest=verdict.facts_digest,
                blocking=blocking_positions(verdict),
            )
        )
        if review_message:
            self.batch.add(ReviewRequest(filing=filing, message=review_message))
        draft.closed_at = self.now
        submission.standing_filing = filing
        submission.reserve = HumanReview.PENDING if review_message else HumanReview.NONE
        names = (draft.answers.get("last_name"), draft.answers.get("first_name"))
        submission.filed_name = ", ".join(name for name in names if name)

    def _attach(self, draft: Draft) -> list[DraftDocument]:
        """Attach a file to the draft for each required document: the first files to their owner, else copies."""
        candidate = draft.submission.candidate
        own = all(paper.owner_id == candidate.pk for paper in self.papers)
        uploads = self.papers
        if not own:
            uploads = [self.batch.add(paper) for paper in copy_uploads(self.papers, owner=candidate)]
        documents = []
        for request, upload in zip(self.requests, uploads, strict=True):
            documents.append(self.batch.add(DraftDocument(draft=draft, request=request, upload=upload)))
            self.batch.note(candidate, "DOCUMENT_ATTACHED", draft.submission, request.kind)
        return documents

    def _move(self, submission: Submission, actions: Sequence[Action]) -> None:
        """Apply moves of the table of states, with a transition and a journal entry for each."""
        for action in actions:
            move = TABLE[action]
            actor = submission.candidate if move.permission is None else self.staff
            self.batch.add(
                Transition(
                    submission=submission,
                    action=action,
                    from_state=State(submission.state),
                    to_state=move.target,
                    actor=actor,
                    reason=REASON if move.reason_required else "",
                )
            )
            submission.state = move.target
            submission.version += 1
            self.batch.note(actor, f"SUBMISSION_{action}", submission)


def allocate_keys(model: type[Model], count: int) -> list[int]:
    """Take `count` primary keys of `model` from its sequence, so that no other transaction gets them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        (sequence,) = cursor.fetchone()
    return allocate_serials(sequence, count)


def allocate_serials(sequence: str, count: int) -> list[int]:
    """Take `count` numbers from the sequence of this name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])
        return [int(number) for (number,) in cursor.fetchall()]


def copy_rows(rows: Sequence[Model]) -> None:
    """Insert `rows`, all of one model, in the caller's transaction. The database fills in its own columns.

    These are the columns with a database default, and the primary key of rows without one, as found in the first row.
    """
    if not rows:
        return
    first = rows[0]
    fields = [field for field in first._meta.concrete_fields if not _is_the_databases(first, field)]
    name = connection.ops.quote_name
    columns = ", ".join(name(str(field.column)) for field in fields)
    statement = f"COPY {name(first._meta.db_table)} ({columns}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([_value(row, field) for field in fields])


def _is_the_databases(row: Model, field: "Field[Any, Any]") -> bool:
    if field.generated:
        return True
    value = getattr(row, field.attname)
    return isinstance(value, DatabaseDefault) or (field.primary_key and value is None)


def _value(row: Model, field: "Field[Any, Any]") -> Any:
    value = field.pre_save(row, add=True)
    if isinstance(field, JSONField):
        return Jsonb(value)
    return field.get_db_prep_save(value, connection)
