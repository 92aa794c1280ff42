"""Kinds of delivery for worker processes: a mail, and a job that hangs at its first attempt."""

from django.apps import AppConfig


class WorkerTestsConfig(AppConfig):
    """App configuration that registers the kinds in the worker's process."""

    name = "tests.outbox.worker"
    label = "worker_tests"

    def ready(self) -> None:
        """Register the kinds that the end-to-end tests post."""
        from intake.outbox import kinds
        from tests.outbox.worker.handlers import compose, note, note_session

        kinds.register_mail("E2E_MAIL", compose, label="Courriel d’essai")
        kinds.register_job("E2E_JOB", note, label="Tâche d’essai")
        kinds.register_job("E2E_SESSION", note_session, label="Session d’essai")
