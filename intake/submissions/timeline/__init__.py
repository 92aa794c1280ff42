"""The candidate's timeline: events of a submission and the mails about it."""
