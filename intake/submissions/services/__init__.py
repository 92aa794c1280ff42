"""What changes a submission. Views, commands and jobs call these and nothing else."""

from intake.submissions.remaking import ask_for_lost_dossier, ask_for_lost_receipt

from .afterwards import discard_amendment, start_amendment, withdraw_submission
from .asking_receipts import ask_for_receipt, ask_for_receipts
from .complements import Asked, request_complement, resume_without_complement
from .drafts import attach_document, remove_document, save_section, start_draft, take_answers
from .extending import extend_for_person
from .filing import file_draft
from .handing_over import hand_over_data
from .moves import announce_move, move_submission
from .noting import take_note_of_changes
from .reminding import remind_of_drafts
from .reminding_of_complements import remind_of_complements
from .resending import resend_receipt
from .rulings import rule_on_finding

__all__ = [
    "Asked",
    "announce_move",
    "ask_for_lost_dossier",
    "ask_for_lost_receipt",
    "ask_for_receipt",
    "ask_for_receipts",
    "attach_document",
    "discard_amendment",
    "extend_for_person",
    "file_draft",
    "hand_over_data",
    "move_submission",
    "remind_of_complements",
    "remind_of_drafts",
    "remove_document",
    "request_complement",
    "resend_receipt",
    "resume_without_complement",
    "rule_on_finding",
    "save_section",
    "start_amendment",
    "start_draft",
    "take_answers",
    "take_note_of_changes",
    "withdraw_submission",
]
