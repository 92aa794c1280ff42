"""Child process that opens uploaded files, which may be hostile.

Nothing here imports Django, the database or the settings: arguments in, four files out (`result.json`, `clean.pdf`,
`thumbnail.jpg`, `small.jpg`). It starts fast, has no secret, and may be killed at any time.
"""
