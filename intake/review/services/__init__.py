"""What changes a review. Views, actions and commands call these and nothing else."""

from .assessments import Given, LineGiven, save_assessment, submit_assessment
from .claims import claim_file, give_back_file
from .committees import add_committee_member, remove_committee_member
from .conflicts import declare_conflict, lift_conflict
from .decisions import decide_submission
from .evidence import Basis, verify_finding
from .freezing import freeze_shortlist
from .rulings import judge_finding
from .shortlists import export_shortlist
from .weights import set_line_weights

__all__ = [
    "Basis",
    "Given",
    "LineGiven",
    "add_committee_member",
    "claim_file",
    "decide_submission",
    "declare_conflict",
    "export_shortlist",
    "freeze_shortlist",
    "give_back_file",
    "judge_finding",
    "lift_conflict",
    "remove_committee_member",
    "save_assessment",
    "set_line_weights",
    "submit_assessment",
    "verify_finding",
]
