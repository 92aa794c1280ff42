"""What a process checks before it serves anybody."""

from django.conf import settings


def refuse_unless_complete() -> None:
    """End this process, saying why in one line, when a server that serving needs is not configured.

    :raises SystemExit: when the settings list missing variables.
    """
    missing: tuple[str, ...] = getattr(settings, "MISSING_FOR_SERVING", ())
    if missing:
        message = f"intake: not serving: set {', '.join(missing)} (docs/running.md says how)"
        raise SystemExit(message)
