"""Who may see which submission: committee membership, assigned files, anonymous review."""
