"""What a process checks and loads before it serves anybody."""

from django.conf import settings


def refuse_unless_complete() -> None:
    """End this process, saying why in one line, when a server that serving needs is not configured.

    :raises SystemExit: when the settings list missing variables.
    """
    missing: tuple[str, ...] = getattr(settings, "MISSING_FOR_SERVING", ())
    if missing:
        message = f"intake: not serving: set {', '.join(missing)} (docs/running.md says how)"
        raise SystemExit(message)


def load_what_comes_late() -> None:
    """Import now, before the server's processes are forked, what only a first filing would import.

    The applications must be ready.
    """
    from intake.outbox.wake import load  # noqa: PLC0415 -- it needs the settings, which this module only checks

    load()
