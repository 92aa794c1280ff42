"""Who may see which submission: committee memberships, assigned files, anonymous review."""
