"""The deliveries that decisions and exports ask for, by the names that the outbox keeps."""

DECISIONS = "DECISIONS"
"""A released batch, due at its instant: makes its decisions and asks for one mail each."""

SELECTED_ELSEWHERE_MAIL = "SELECTED_ELSEWHERE_MAIL"
"""To staff: somebody who still waits for a decision on one offer is selected for another."""

SELECTION_TAKEN_BACK_MAIL = "SELECTION_TAKEN_BACK_MAIL"
"""To the same: that selection stands no more."""

CONTRADICTED_MAIL = "CONTRADICTED_MAIL"
"""To those who decide: a document contradicts what somebody was selected on."""

EXPORT = "EXPORT"
"""A file of a shortlist, to be written."""

EXPORT_REMOVAL = "EXPORT_REMOVAL"
"""The end of the time for which such a file is kept."""

REGISTER_SCAN = "REGISTER_SCAN"
"""Open files of a programme, to be compared with the register of past participants, whose rows changed."""

ASSIGNED_MAIL = "ASSIGNED_MAIL"
"""To a member of committees: the files that were assigned to them since the last one, and until when."""
