"""Whether a draft is complete, the verdict on it, and how both are shown."""
