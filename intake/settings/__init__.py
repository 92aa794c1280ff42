"""Settings: `base`, and one module per kind of installation that extends it."""
