"""What changes a review. Views, actions and commands call these and nothing else."""

from .assessments import Given, LineGiven, save_assessment, submit_assessment
from .bulk import do_bulk_run, start_bulk_run, stop_bulk_run
from .committees import add_committee_member, remove_committee_member
from .conflicts import declare_conflict, lift_conflict
from .decisions import decide_submission
from .freezing import freeze_shortlist
from .saved_views import change_view, delete_view, save_view
from .shortlists import export_shortlist
from .weights import set_line_weights

__all__ = [
    "Given",
    "LineGiven",
    "add_committee_member",
    "change_view",
    "decide_submission",
    "declare_conflict",
    "delete_view",
    "do_bulk_run",
    "export_shortlist",
    "freeze_shortlist",
    "lift_conflict",
    "remove_committee_member",
    "save_assessment",
    "save_view",
    "set_line_weights",
    "start_bulk_run",
    "stop_bulk_run",
    "submit_assessment",
]
