"""The data of the README's pictures, made beside the demonstration by the portal's own operations.

Runs in `manage.py shell` beside the portal. `make_scene()` prints, as JSON, the paths of the pages and the sessions.
"""

from django.utils import timezone

from intake.accounts.models import User
from intake.accounts.roles import Role
from intake.devtools.demonstration.filing import invite_people
from intake.devtools.demonstration.offers import load_demonstration
from intake.devtools.demonstration.sample_texts import answers_for
from intake.review.committees.operations import add_committee_member
from intake.review.marks.operations import AssessmentData, LineMarkData, submit_assessment
from intake.review.moves.operations import move_as_reviewer
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.drafts.operations import start_draft
from intake.submissions.models import Submission
from intake.submissions.states import Action
from tests.factories.people import make_staff
from tests.factories.submissions import make_filing
from tests.journeys.printing import new_address, new_candidate, print_found, session_of

COLLEAGUES = ("Ariane Morin", "Émile Bouchard")
MARKS = {
    ("Noémie", "Gauthier"): (5, 4, 5),
    ("Félix", "Côté"): (4, 4, 3),
    ("Aïssatou", "Diallo"): (4, 5, 4),
    ("Olivier", "Lévesque"): (3, 2, 3),
    ("Inès", "Benali"): (5, 3, 4),
    ("Laurence", "Saint-Onge"): (2, 3, 2),
    ("Tomás", "Gonçalves"): (3, 4, 3),
}
"""Candidates, and the marks of the demonstration's reviewer and of the two colleagues."""
UNANSWERED = ("grid", "language_", "attests_", "past_participant")
"""Starts of the keys that the draft on the phone leaves for later."""


def make_scene() -> None:
    """File and mark applications, and begin a draft; print the paths of the pages and a session for each."""
    at = timezone.now()
    offer, people = load_demonstration(at=at)[-1], invite_people(at=at)
    members = [
        people.reviewer,
        *(make_staff(Role.REVIEWER, new_address(), display_name=name) for name in COLLEAGUES),
    ]
    for member in members[1:]:
        add_committee_member(offer=offer, reviewer=member)
    answers = answers_for(offer)
    shown = Submission.objects.get(offer=offer, candidate=people.candidate)
    for member, mark in zip(members[1:], (5, 4), strict=True):
        _mark(shown, member, mark)
    for (first, last), marks in MARKS.items():
        named = answers | {"first_name": first, "last_name": last}
        filed = make_filing(offer=offer, candidate=new_candidate(), **named).filing.submission
        filed = move_as_reviewer(submission=filed, action=Action.START_REVIEW, actor=people.reviewer)
        for member, mark in zip(members, marks, strict=True):
            _mark(filed, member, mark)
    candidate = new_candidate()
    given = {key: value for key, value in answers.items() if not key.startswith(UNANSWERED)}
    draft = start_draft(candidate=candidate, offer=offer, answers=given, accepts=COLLECTION)
    pages = {
        "candidate": (f"/candidatures/{draft.submission.public_id}/", candidate),
        "reviewer": (f"/admin/candidatures/{shown.public_id}/", people.reviewer),
        "staff": (f"/admin/offres/{offer.number}/classement/", people.staff),
    }
    print_found({key: [path, *session_of(user)] for key, (path, user) in pages.items()})


def _mark(submission: Submission, member: User, mark: int) -> None:
    """Submit an assessment whose marks vary by one from line to line."""
    lines = enumerate(submission.offer.grid_lines.order_by("position"))
    given = {line.pk: LineMarkData(max(1, mark - number % 2)) for number, line in lines}
    data = AssessmentData(mark=mark, lines=given, note="")
    submit_assessment(submission=submission, reviewer=member, given=data, version=0, at=timezone.now())
