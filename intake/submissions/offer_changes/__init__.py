"""Changes of offers: notified candidates, display in drafts, impact on verdicts."""
