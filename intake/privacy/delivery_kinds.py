"""Kinds of the deliveries that this app posts, as the outbox stores them."""

ANONYMISE = "ANONYMISE"
"""Erases once a day what is due by the schedule, and posts the notices of what will be."""

SESSIONS_PURGE = "SESSIONS_PURGE"
"""Deletes every hour the sessions that expired."""

ERASURE_NOTICE_MAIL = "ERASURE_NOTICE_MAIL"
"""Mail to a candidate, 30 days before their file is erased: on which day, and what to keep before."""
