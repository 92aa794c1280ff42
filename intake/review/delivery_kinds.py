"""Kinds of the deliveries that this app posts, as the outbox stores them; of mails, as in `submissions`."""

DECISIONS = "DECISIONS"
"""Sends a released batch when it is due: makes its decisions and posts one mail for each."""

SELECTED_ELSEWHERE_MAIL = "SELECTED_ELSEWHERE_MAIL"
"""Mail to the deciders of an undecided file, when its candidate is selected for another offer: who, and for which."""

SELECTION_TAKEN_BACK_MAIL = "SELECTION_TAKEN_BACK_MAIL"
"""Mail to the deciders of an undecided file, when that selection is taken back: who, and of which offer."""

CONTRADICTED_MAIL = "CONTRADICTED_MAIL"
"""Mail to the other deciders, when evidence contradicts a finding of a selected candidate: the evidence to read."""

EXPORT = "EXPORT"
"""Writes the file of an export order."""

EXPORT_REMOVAL = "EXPORT_REMOVAL"
"""Removes that file when its retention ends."""

REGISTER_SCAN = "REGISTER_SCAN"
"""Compares the open files of a programme with the participation register, whose rows changed."""

ASSIGNED_MAIL = "ASSIGNED_MAIL"
"""Mail to a committee member, 5 minutes after files are assigned or due on another day: the files, by offer and day."""
