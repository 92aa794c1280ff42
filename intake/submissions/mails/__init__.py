"""Every mail to a candidate, when it is obsolete, and the reminders."""
