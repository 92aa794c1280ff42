"""What changes a review. Views, actions and commands call these and nothing else."""

from .assessments import Given, LineGiven, save_assessment, submit_assessment
from .committees import add_committee_member, remove_committee_member
from .conflicts import declare_conflict, lift_conflict
from .decisions import decide_submission
from .freezing import freeze_shortlist
from .meetings import add_meeting_note
from .shortlists import export_shortlist
from .weights import set_line_weights

__all__ = [
    "Given",
    "LineGiven",
    "add_committee_member",
    "add_meeting_note",
    "decide_submission",
    "declare_conflict",
    "export_shortlist",
    "freeze_shortlist",
    "lift_conflict",
    "remove_committee_member",
    "save_assessment",
    "set_line_weights",
    "submit_assessment",
]
