"""Lock and move a submission, store the transition; the status that its candidate reads."""
