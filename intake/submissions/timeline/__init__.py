"""What happened to a submission, and which mails were sent."""
