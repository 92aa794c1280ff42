"""The child process that opens what strangers send.

Nothing here knows Django, the database or the portal's settings: arguments in, three files out (`result.json`,
`clean.pdf`, `thumbnail.jpg`). It starts fast, holds no secret, and may be killed at any moment.
"""
