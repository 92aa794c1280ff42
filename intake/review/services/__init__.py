"""What changes a review. Views, actions and commands call these and nothing else."""

from .assessments import Given, LineGiven, save_assessment, submit_assessment
from .assignments import (
    assign_evenly,
    assign_files,
    change_due_day,
    remove_assignments,
    revise_assignments,
)
from .batches import change_batch, prepare_batch
from .blind import begin_blind_reading, end_blind_reading
from .bulk import do_bulk_run, start_bulk_run, stop_bulk_run
from .claims import claim_file, give_back_file
from .committees import add_committee_member, check_seat, remove_committee_member
from .conflicts import declare_conflict, lift_conflict
from .decisions import ask_for_complement, decide_submission
from .evidence import Basis, verify_finding
from .export_orders import cancel_order, order_export, take_order
from .freezing import freeze_shortlist
from .meetings import add_meeting_note
from .releasing import release_batch, revoke_batch
from .reserve_places import move_place
from .rulings import judge_finding
from .saved_views import change_view, delete_view, save_view
from .shortlists import export_shortlist
from .weights import set_line_weights

__all__ = [
    "Basis",
    "Given",
    "LineGiven",
    "add_committee_member",
    "add_meeting_note",
    "ask_for_complement",
    "assign_evenly",
    "assign_files",
    "begin_blind_reading",
    "cancel_order",
    "change_batch",
    "change_due_day",
    "change_view",
    "check_seat",
    "claim_file",
    "decide_submission",
    "declare_conflict",
    "delete_view",
    "do_bulk_run",
    "end_blind_reading",
    "export_shortlist",
    "freeze_shortlist",
    "give_back_file",
    "judge_finding",
    "lift_conflict",
    "move_place",
    "order_export",
    "prepare_batch",
    "release_batch",
    "remove_assignments",
    "remove_committee_member",
    "revise_assignments",
    "revoke_batch",
    "save_assessment",
    "save_view",
    "set_line_weights",
    "start_bulk_run",
    "stop_bulk_run",
    "submit_assessment",
    "take_order",
    "verify_finding",
]
