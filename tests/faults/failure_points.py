"""Points at which the portal is killed: `fault_launcher` wraps the named functions; the product has no hook."""

from dataclasses import dataclass
from typing import Literal

from intake.submissions.delivery_kinds import ORIGINALS_ERASURE, UPLOADS_SWEEP

type Role = Literal["web", "filings", "mailer", "receipts", "dossiers", "uploads", "sweep"]
type Only = Literal[
    "",
    "result",
    "receiving",
    "attaching",
    "filing",
    "filing of an arrival",
    "pending file",
    "clean file",
    "original file",
    "dossier file",
    "receipt file",
]
"""What a call must be about: a true result; the thread's operation; the folder of the file."""
type Stage = Literal["upload", "filing", "either"]
"""What the candidate does when the point is armed: send a document, or file. The seed chooses where it is either."""


@dataclass(frozen=True, slots=True)
class Point:
    """One place and one way to fail.

    `where` is `module:attribute` in the processes of `role`, and `moment` is before or after its call. Without
    `where`, the harness performs `act` itself, by signals, SQL or the mail server.
    """

    name: str
    act: str
    role: Role | None = None
    where: str = ""
    moment: Literal["before", "after"] = "after"
    only: Only = ""
    stage: Stage = "filing"
    asks_for: str = ""
    """Kind of a periodic job that is rare: the harness posts one, so that the point is reached."""
    may_send_twice: bool = False
    """True if a second mail with the same Message-ID is allowed: the mail server took it before the commit.

    This applies to the dossiers' worker too, which sends their mails, and to the sweep: its fallback workers send
    when workers are late, and end with it.
    """

    @property
    def may_refuse(self) -> bool:
        """True if a candidate may be asked to send their file again: nothing says why an inspection was killed."""
        return self.stage == "upload" and self.act == "kill children soon"

    @property
    def leaves_arrival(self) -> bool:
        """True if it is reached once a web server has no room to file, and leaves what arrived to the workers."""
        return (
            self.role == "filings" or self.act == "kill filings" or self.where.endswith(":leave_to_workers")
        )

    @property
    def needs_long_inspection(self) -> bool:
        """True if it is reached a moment after an inspection begins: an ordinary file is inspected sooner."""
        return self.stage == "upload" and self.act.endswith(" soon")

    @property
    def hits_dossiers(self) -> bool:
        """True if a process that generates dossiers may die."""
        return self.role == "dossiers" or self.act in {"kill dossiers", "end sessions", "stop postgres"}


_FILING = "intake.submissions.filing.operations"
_COMMIT = "django.db.backends.base.base:BaseDatabaseWrapper._commit"
_DATA = "smtplib:SMTP.data"
_SAVE = "intake.web.storage:DurableFileSystemStorage._save"
_DELETE = "intake.web.storage:DurableFileSystemStorage.delete"
_NAMED = "intake.web.storage:DurableFileSystemStorage._move_into_place"
_LEASE = "intake.outbox.leases:lease_delivery"
_DONE = "intake.outbox.leases:complete_delivery"
_RENDER = "intake.dossiers.render:run_isolated"
_INSPECT = "intake.documents.inspection:run_isolated"
_RECEIVE = "intake.submissions.attachments.views:receive_upload"
_ARRIVED = "intake.submissions.filing.views:receive_arrival"
_LEFT = "intake.submissions.filing.arrivals:leave_to_workers"
_LOG = "intake.transparency.services"
_LOG_KEPT = "PUBLIC_LOG"

_OF_UPLOADS = (
    Point(
        "upload, before its bytes have their name", "die", "web", _NAMED, "before", "pending file", "upload"
    ),
    Point("upload, once its bytes are stored", "die", "web", _SAVE, "after", "pending file", "upload"),
    Point("upload, no room for its bytes", "fill the disk", "web", _SAVE, "before", "pending file", "upload"),
    Point("upload, before the commit of its row", "die", "web", _COMMIT, "before", "receiving", "upload"),
    Point("upload, after the commit of its row", "die", "web", _COMMIT, "after", "receiving", "upload"),
    Point("upload, before the answer", "die", "web", _RECEIVE, stage="upload"),
    Point(
        "upload, its session ended before the commit", "cut", "web", _COMMIT, "before", "receiving", "upload"
    ),
    Point("upload, its session ended by the commit", "cut", "web", _COMMIT, "after", "receiving", "upload"),
    Point("upload, after the claim", "die", "uploads", _LEASE, "after", "result", "upload"),
    Point("upload, while it is inspected", "die soon", "uploads", _INSPECT, "before", stage="upload"),
    Point(
        "upload, its inspecting child alone",
        "kill children soon",
        "uploads",
        _INSPECT,
        "before",
        stage="upload",
    ),
    Point(
        "upload, before its clean file has its name",
        "die",
        "uploads",
        _NAMED,
        "before",
        "clean file",
        "upload",
    ),
    Point("upload, once its clean file is stored", "die", "uploads", _SAVE, "after", "clean file", "upload"),
    Point(
        "upload, no room for its clean file",
        "fill the disk",
        "uploads",
        _SAVE,
        "before",
        "clean file",
        "upload",
    ),
    Point("upload, before it is attached", "die", "uploads", _COMMIT, "before", "attaching", "upload"),
    Point("upload, once it is attached", "die", "uploads", _COMMIT, "after", "attaching", "upload"),
    Point(
        "upload, session ended before attaching", "cut", "uploads", _COMMIT, "before", "attaching", "upload"
    ),
    Point("upload, session ended by attaching", "cut", "uploads", _COMMIT, "after", "attaching", "upload"),
    Point("upload, before it is written as done", "die", "uploads", _DONE, "before", stage="upload"),
    Point("the worker of uploads, whole", "kill uploads", stage="upload"),
    Point(
        "sweep of uploads, once one is given up",
        "die",
        "dossiers",
        "intake.submissions.attachments.inspecting:settle",
        asks_for=UPLOADS_SWEEP,
    ),
    Point(
        "sweep of uploads, before bytes go",
        "die",
        "dossiers",
        _DELETE,
        "before",
        "pending file",
        asks_for=UPLOADS_SWEEP,
    ),
    Point(
        "erasure of originals, before its row",
        "die",
        "dossiers",
        _DELETE,
        "after",
        "original file",
        asks_for=ORIGINALS_ERASURE,
    ),
)
"""From the request that sends a document to the erasure of its received bytes."""

POINTS = (
    *_OF_UPLOADS,
    Point("web, once it arrived", "die", "web", _ARRIVED),
    Point("web, its session ended once it arrived", "cut", "web", _ARRIVED),
    Point("web, before it is left to the workers", "die", "web", _LEFT, "before"),
    Point("web, once it is left to the workers", "die", "web", _LEFT),
    Point("arrival, after the claim of its job", "die", "filings", _LEASE, only="result"),
    Point("arrival, under the lock", "die", "filings", f"{_FILING}:lock_to_file"),
    Point("arrival, once sealed", "die", "filings", f"{_FILING}:write_filing"),
    Point("arrival, before the commit", "die", "filings", _COMMIT, "before", "filing of an arrival"),
    Point("arrival, after the commit", "die", "filings", _COMMIT, "after", "filing of an arrival"),
    Point("arrival, session ended under the lock", "cut", "filings", f"{_FILING}:lock_to_file"),
    Point("arrival, before its job is written as done", "die", "filings", _DONE, "before"),
    Point("the worker of filings, whole", "kill filings"),
    Point("web, under the lock", "die", "web", f"{_FILING}:lock_to_file"),
    Point("web, once sealed", "die", "web", f"{_FILING}:write_filing"),
    Point("web, once the proof is written", "die", "web", f"{_FILING}:write_receipt_and_verdict"),
    Point("web, before the commit", "die", "web", _COMMIT, "before", "filing"),
    Point("web, after the commit", "die", "web", _COMMIT, "after", "filing"),
    Point("web, after waking a worker", "die", "web", "intake.outbox.wake:publish_with_timeout"),
    Point("web, before the answer", "die", "web", "intake.submissions.filing.views:file_if_room"),
    Point("web, its session ended under the lock", "cut", "web", f"{_FILING}:lock_to_file"),
    Point("web, its session ended before the commit", "cut", "web", _COMMIT, "before", "filing"),
    Point(
        "sweep, after reading",
        "die",
        "sweep",
        "intake.outbox.selectors:workable_ids",
        only="result",
        may_send_twice=True,
    ),
    Point("sweep, after waking a worker", "die", "sweep", "intake.outbox.tasks:wake", may_send_twice=True),
    Point("mail, after the claim", "die", "mailer", _LEASE, only="result"),
    Point("mail, once the letter is kept", "die", "mailer", "intake.outbox.messages:_store_letter"),
    Point("mail, before DATA", "die", "mailer", _DATA, "before"),
    Point("mail, after 250", "die", "mailer", _DATA, may_send_twice=True),
    Point("mail, before it is written as sent", "die", "mailer", _DONE, "before", may_send_twice=True),
    Point("mail, after it is written as sent", "die", "mailer", _DONE),
    Point("mail, its session ended after 250", "cut", "mailer", _DATA),
    Point("dossier, after the claim", "die", "dossiers", _LEASE, only="result"),
    Point("dossier, while it is drawn", "die soon", "dossiers", _RENDER, "before"),
    Point("dossier, its renderer alone", "kill children soon", "dossiers", _RENDER, "before"),
    Point("dossier, before its file has its name", "die", "dossiers", _NAMED, "before", "dossier file"),
    Point("dossier, after the file, before its row", "die", "dossiers", _SAVE, "after", "dossier file"),
    Point("dossier, no room for the file", "fill the disk", "dossiers", _SAVE, "before", "dossier file"),
    Point(
        "dossier, before its mail is asked for",
        "die",
        "dossiers",
        "intake.submissions.receipts.operations:build_dossier",
    ),
    Point("receipt, after the claim", "die", "receipts", _LEASE, only="result"),
    Point("receipt, while it is drawn", "die soon", "receipts", _RENDER, "before"),
    Point("receipt, its renderer alone", "kill children soon", "receipts", _RENDER, "before"),
    Point("receipt, before its file has its name", "die", "receipts", _NAMED, "before", "receipt file"),
    Point("receipt, after the file, before its row", "die", "receipts", _SAVE, "after", "receipt file"),
    Point("receipt, no room for the file", "fill the disk", "receipts", _SAVE, "before", "receipt file"),
    Point(
        "receipt, once its row is written",
        "die",
        "receipts",
        "intake.submissions.receipts.operations:build_receipt",
    ),
    Point(
        "public log, once leaves are written",
        "die",
        "dossiers",
        f"{_LOG}:append_leaves",
        only="result",
        asks_for=_LOG_KEPT,
    ),
    Point("public log, before its root is committed", "die", "dossiers", f"{_LOG}:sign", asks_for=_LOG_KEPT),
    Point(
        "public log, once its root is published",
        "die",
        "dossiers",
        f"{_LOG}:publish_root",
        only="result",
        asks_for=_LOG_KEPT,
    ),
    Point("the web server, whole", "kill web", stage="either"),
    Point("the mail worker, whole", "kill mailer", may_send_twice=True),
    Point("the worker of signed receipts, whole", "kill receipts"),
    Point("the dossier worker, whole", "kill dossiers", may_send_twice=True),
    Point("the sweep, whole", "kill sweep", stage="either", may_send_twice=True),
    Point("beat", "kill beat", stage="either"),
    Point("the broker", "kill broker", stage="either"),
    Point("the broker's data", "wipe broker", stage="either"),
    Point("every session of the database", "end sessions", stage="either", may_send_twice=True),
    Point("PostgreSQL, at once", "stop postgres", stage="either", may_send_twice=True),
    Point("the mail server says 451", "smtp 451"),
    Point("the mail server is mute", "smtp mute"),
    Point("the mail server hangs up", "smtp drop"),
)
"""The mail server hangs up, or stays mute, before it has taken the mail."""

ONE_OF_EACH_KIND = (
    "web, once it arrived",
    "mail, after 250",
    "the broker's data",
    "PostgreSQL, at once",
)
"""Points that `make test` tries; `make faults` tries all.

A process that dies after its commit, one that dies between an effect and its record, the broker, the database. A
child that dies and a full disk have tests of their own.
"""
