"""Kinds of the deliveries that this app posts, as the outbox stores them."""

DECISIONS = "DECISIONS"
"""Sends a released batch when it is due: makes its decisions and posts one mail for each."""

SELECTED_ELSEWHERE_MAIL = "SELECTED_ELSEWHERE_MAIL"
"""Mail to deciders: a candidate who awaits a decision on one offer is selected for another."""

SELECTION_TAKEN_BACK_MAIL = "SELECTION_TAKEN_BACK_MAIL"
"""Mail to the same users: that selection was taken back."""

CONTRADICTED_MAIL = "CONTRADICTED_MAIL"
"""Mail to deciders: new evidence contradicts a finding on which a candidate was selected."""

EXPORT = "EXPORT"
"""Writes the file of an export order."""

EXPORT_REMOVAL = "EXPORT_REMOVAL"
"""Removes that file when its retention ends."""

REGISTER_SCAN = "REGISTER_SCAN"
"""Compares the open files of a programme with the participation register, whose rows changed."""

ASSIGNED_MAIL = "ASSIGNED_MAIL"
"""Mail to a committee member: the files assigned since the last such mail, with their due days."""
