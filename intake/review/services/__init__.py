"""What changes a review. Views, actions and commands call these and nothing else."""

from .assessments import Given, LineGiven, save_assessment, submit_assessment
from .assignments import assign_evenly, assign_files, remove_assignments, revise_assignments
from .committees import add_committee_member, remove_committee_member
from .conflicts import declare_conflict, lift_conflict
from .decisions import decide_submission
from .freezing import freeze_shortlist
from .shortlists import export_shortlist
from .weights import set_line_weights

__all__ = [
    "Given",
    "LineGiven",
    "add_committee_member",
    "assign_evenly",
    "assign_files",
    "decide_submission",
    "declare_conflict",
    "export_shortlist",
    "freeze_shortlist",
    "lift_conflict",
    "remove_assignments",
    "remove_committee_member",
    "revise_assignments",
    "save_assessment",
    "set_line_weights",
    "submit_assessment",
]
