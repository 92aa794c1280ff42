"""U4 (`docs/targets.md`): cuts while a candidate types; nothing that was on screen two seconds before is lost.

Each lane has its own browser, and a new candidate for each cut. A cut takes the network, the answer to one save, the
session, the browser or the web server away. The candidate then goes on: waits, signs in, or opens the browser again.
"""

import os
import random
import re
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psutil

from tests.faults import portal as portals
from tests.faults.measuring import Measured, Options, measured
from tests.faults.portal import Portal
from tests.journeys.unsent import count_waiting

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator, Page, Playwright

KEYS = ("U4",)
SMOKE_CUTS = 5
LANES_PER_CORE = 2
SECONDS_BEFORE = 2.0
PATIENCE = 60_000  # milliseconds
STEP = 5_000  # milliseconds for one step of the sign-in
SECTIONS = ("identite", "coordonnees", "etudes", "competences", "langues")
WORDS = (
    "Gaspé",
    "l’été",
    "où",
    "Noël",
    "cœur",
    "ÇA",
    "naïve",
    "Ó Briain",
    "ça & là",
    "<b>",
    "100 %",
    "été",
    "🎓",
    "يوم",
)


class CutError(Exception):
    """A candidate could not go on after a cut."""


@dataclass
class Tally:
    """What the lanes found."""

    cuts: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, lost: list[str]) -> None:
        """Count a cut, and what it lost."""
        with self.lock:
            self.cuts[kind] += 1
            self.lost += lost


def measure(options: Options) -> dict[str, Measured]:
    """Cut, in seeded order, until `options.kills` cuts are made."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in each thread
    cuts = SMOKE_CUTS if options.smoke else options.kills
    tally = Tally()
    with portals.running(options.folder / "portal") as portal:
        from intake.devtools.demonstration.offers import GRID  # noqa: PLC0415 -- needs the portal's settings
        from tests.factories.submissions import make_open_offer  # noqa: PLC0415 -- needs the portal's settings

        offer = make_open_offer(grid=GRID)
        plan = iter(_plan(cuts, options.seed))
        lanes = 1 if options.smoke else options.lanes * LANES_PER_CORE
        stopping = threading.Event()
        tending = threading.Thread(target=_tend, args=[portal, stopping])
        tending.start()
        threads = [
            threading.Thread(target=_Lane(number, portal, offer, options, tally).run, args=[plan])
            for number in range(lanes)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        stopping.set()
        tending.join()
    made = sum(tally.cuts.values())
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(tally.cuts.items()))
    return {
        "U4": measured(
            len(tally.lost),
            "0 characters lost of what was on screen two seconds before",
            holds=not tally.lost and not tally.failures and made == cuts,
            note=f"{made} cuts, seed {options.seed}: {kinds}; {len(tally.lost)} texts lost"
            + "".join(f"; {line}" for line in [*tally.lost[:3], *tally.failures[:3]]),
        )
    }


def _plan(cuts: int, seed: int) -> Iterator[tuple[int, str]]:
    """Yield a number and a kind of cut, each kind as often as the others."""
    kinds = [KINDS[number % len(KINDS)] for number in range(cuts)]
    random.Random(seed).shuffle(kinds)  # noqa: S311 -- a schedule that a seed repeats
    lock = threading.Lock()
    left = iter(enumerate(kinds))
    while True:
        with lock:
            found = next(left, None)
        if found is None:
            return
        yield found


def _tend(portal: Portal, stopping: threading.Event) -> None:
    while not stopping.wait(0.2):
        portal.tend()


class _Lane:
    """One browser, with a profile that survives its death."""

    def __init__(self, number: int, portal: Portal, offer: Any, options: Options, tally: Tally) -> None:
        self.portal, self.offer, self.tally, self.seed = portal, offer, tally, options.seed
        self.profile = options.folder / f"profile{number}"
        self.home = f"http://127.0.0.1:{portal.port}"
        self.context: BrowserContext
        self.page: Page

    def run(self, plan: Iterator[tuple[int, str]]) -> None:
        """Make cuts until none is left."""
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 -- most runs open no browser

        with sync_playwright() as playwright:
            self._open(playwright)
            while (planned := _next(plan)) is not None:
                number, kind = planned
                try:
                    dice = random.Random(f"{self.seed}/{number}")  # noqa: S311 -- a seed repeats the cut
                    lost = _Cut(self, dice, kind, playwright).make()
                except Exception as error:  # noqa: BLE001 -- counted and reported; the other cuts go on
                    with self.tally.lock:
                        said = " ".join([str(error), *getattr(error, "__notes__", [])])
                        self.tally.failures.append(f"cut {number}, {kind}: {said}"[:400])
                    self._kill_browser()
                    self._open(playwright)
                else:
                    self.tally.note(kind, [f"cut {number}, {kind}: {line}" for line in lost])
            self.context.close()

    def _open(self, playwright: "Playwright") -> None:
        self.context = playwright.chromium.launch_persistent_context(
            self.profile,
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
            viewport={"width": 360, "height": 740},
            locale="fr-CA",
        )
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()

    def open_tab(self) -> None:
        """Leave the page of the candidate before, which may ask whether to leave while a save is to be repeated."""
        before, self.page = self.page, self.context.new_page()
        before.close()

    def _kill_browser(self) -> None:
        flag = f"--user-data-dir={self.profile}"
        for process in psutil.process_iter(["cmdline"]):
            if flag in (process.info["cmdline"] or ()):
                with suppress(psutil.Error):
                    process.kill()
        with suppress(Exception):
            self.context.close()

    def reopen(self, playwright: "Playwright") -> None:
        """Kill the browser at once, and start it again with its profile."""
        self._kill_browser()
        self._open(playwright)


_PLAN_LOCK = threading.Lock()


def _next(plan: Iterator[tuple[int, str]]) -> tuple[int, str] | None:
    with _PLAN_LOCK:
        return next(plan, None)


class _Cut:
    """One candidate who types, is cut, and goes on."""

    def __init__(self, lane: _Lane, dice: random.Random, kind: str, playwright: "Playwright") -> None:
        self.lane, self.dice, self.kind, self.playwright = lane, dice, kind, playwright
        self.key = dice.choice(SECTIONS)
        self._sent = 0  # codes, when the dialog asked for another one
        self.user, self.draft = _new_draft(lane.offer)
        self.path = f"/candidatures/{self.draft.submission.public_id}/"

    @property
    def page(self) -> "Page":
        """The page of the lane's browser, which may be another one after its death."""
        return self.lane.page

    def make(self) -> list[str]:
        """Type, cut, go on; return the lines that say what was lost."""
        self.lane.open_tab()
        self._sign_in_by_cookie()
        self._go_to(f"{self.path}{self.key}/")
        self._type(seconds=self.dice.uniform(0.3, 3))
        before = self._on_screen()
        self._type(seconds=SECONDS_BEFORE, goes_on=True)
        _ACTS[self.kind](self)
        stored = self._stored()
        return [
            f"{self.key}.{name}: {text!r} became {stored.get(name, '')!r}"
            for name, text in before.items()
            if not _tidy(stored.get(name, "")).startswith(_tidy(text))
        ]

    def _go_to(self, path: str) -> None:
        """Open a page; again while another lane's cut has taken the web server away."""
        found: list[str] = []

        def is_open() -> bool:
            try:
                answer = self.page.goto(self.lane.home + path)
            except Exception as error:  # noqa: BLE001 -- tried again; the last one is reported
                found.append(str(error))
                return False
            found.append(str(answer and answer.status))
            return answer is not None and answer.ok

        try:
            self._until(is_open, f"{path} did not open")
        except CutError as error:
            error.add_note(found[-1])
            raise

    def _sign_in_by_cookie(self) -> None:
        from tests.factories.people import client_of  # noqa: PLC0415 -- needs the portal's settings

        client = client_of(self.user)
        self.lane.context.clear_cookies()
        self.lane.context.add_cookies(
            [
                {"name": name, "value": morsel.value, "url": self.lane.home}
                for name, morsel in client.cookies.items()
            ]
        )

    def _type(self, *, seconds: float, goes_on: bool = False) -> None:
        """Type in a field for some time: in another one, or at the end of the same one."""
        if not goes_on:
            fields = self.page.locator(
                "form[data-autosave] :is(input[type=text], input[type=tel], textarea):visible"
            )
            field = fields.nth(self.dice.randrange(fields.count()))
            field.click()
            self.page.keyboard.press("Control+a")
            self.page.keyboard.press("Delete")
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.page.keyboard.type(self.dice.choice(WORDS) + " ", delay=self.dice.uniform(5, 40))

    def _on_screen(self) -> dict[str, str]:
        found: dict[str, str] = self.page.evaluate(
            """() => Object.fromEntries(
                [...document.querySelectorAll("form[data-autosave] :is(input[type=text], input[type=tel], textarea)")]
                    .map((field) => [field.name, field.value]))"""
        )
        return found

    def _stored(self) -> dict[str, str]:
        """Return the texts of the section's fields as the portal stored them."""
        from intake.submissions.models import Draft  # noqa: PLC0415 -- needs the portal's settings
        from intake.submissions.questions.sections import asked_sections, section_by_key  # noqa: PLC0415 -- same

        draft = Draft.objects.select_related("submission__offer").get(pk=self.draft.pk)
        section = section_by_key(self.key, asked_sections(draft.submission.offer))
        assert section is not None
        form = section.judge(draft.answers, on=draft.submission.offer.closes_on, partial=True)
        fields = [*form, *(field for entry in getattr(form, "entries", ()) for field in entry)]
        return {field.html_name: str(field.value() or "") for field in fields}

    # -- What is cut, and how the candidate goes on ------------------------------------------------------------------
    def network(self) -> None:
        """Cut the line for a moment; the candidate waits."""
        self.lane.context.set_offline(True)
        time.sleep(self.dice.uniform(0.1, 3))
        self.lane.context.set_offline(False)
        self._wait_until_saved()

    def answer(self) -> None:
        """Lose the answers to the saves of some seconds, which the portal carries out."""

        def lose(route: Any) -> None:
            with suppress(Exception):
                route.fetch()
            with suppress(Exception):
                route.abort()

        self.page.route("**/brouillon/", lose)
        self._type(seconds=self.dice.uniform(1, 3), goes_on=True)
        self.page.wait_for_timeout(2000)
        self.page.unroute("**/brouillon/")
        self._wait_until_saved()

    def session(self) -> None:
        """End the session; the candidate signs in again by code, in place."""
        if self.dice.random() < 0.5:
            self.lane.context.clear_cookies()
        else:
            _end_sessions_of(self.lane.context)
        self._type(seconds=0.3, goes_on=True)  # all the rest may just have been saved: then nobody is asked
        self._dialog.wait_for()
        self._wait_until_saved(meanwhile=self._sign_in_if_asked)

    def browser(self) -> None:
        """Kill the browser; the candidate starts it, and opens the list of sections."""
        self.lane.reopen(self.playwright)
        self._sign_in_by_cookie()
        self._go_to(self.path)
        self._wait_until_nothing_waits()

    def server(self) -> None:
        """Kill the web server; it starts again, and the candidate waits."""
        self.lane.portal.kill("web")
        self._wait_until_saved()

    @property
    def _dialog(self) -> "Locator":
        return self.page.locator("[data-sign-in-dialog]")

    def _sign_in_if_asked(self) -> None:
        """Take the step that the dialog asks for; another lane's cut may send it back to the first one."""
        from playwright.sync_api import Error  # noqa: PLC0415 -- most runs open no browser

        email = self._dialog.locator("input[type=email]")
        code = self._dialog.locator("input[autocomplete=one-time-code]")
        with suppress(Error):
            if email.is_visible():
                self._sent = len(self._codes())
                self._dialog.get_by_role("button", name="Recevoir mon code").click(timeout=STEP)
                code.wait_for(timeout=STEP)
            elif code.is_visible():
                self._until(lambda: len(self._codes()) > self._sent, "no code came")
                code.fill(self._codes()[-1], timeout=STEP)
                self._dialog.get_by_role("button", name="Me connecter").click(timeout=STEP)
                self._dialog.wait_for(state="hidden", timeout=STEP)

    def _codes(self) -> list[str]:
        """Return the codes that the embedded settings printed on the web server's terminal."""
        line = re.compile(rf"pour {re.escape(self.user.email)}\W+(\d{{3}})\W(\d{{3}})")
        return [first + second for first, second in line.findall(self.lane.portal.logs("web"))]

    def _wait_until_saved(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        state = self.page.locator("[data-saved-state]").last

        def is_saved() -> bool:
            meanwhile()
            return "Enregistré à" in state.inner_text() and not self._waiting()

        try:
            self._until(is_saved, "what was typed was not saved")
        except CutError as error:
            error.add_note(state.inner_text())
            raise

    def _wait_until_nothing_waits(self) -> None:
        self._until(lambda: not self._waiting(), "answers still wait in the browser")

    def _until[T](self, look: Callable[[], T | None], otherwise: str) -> T:
        ends = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < ends:
            found = look()
            if found:
                return found
            self.page.wait_for_timeout(100)
        raise CutError(otherwise)

    def _waiting(self) -> int:
        return count_waiting(self.page)


_ACTS: dict[str, Callable[[_Cut], None]] = {
    "network": _Cut.network,
    "answer": _Cut.answer,
    "session": _Cut.session,
    "browser": _Cut.browser,
    "server": _Cut.server,
}
KINDS = tuple(_ACTS)


def _new_draft(offer: Any) -> tuple[Any, Any]:
    from intake.accounts.models import User  # noqa: PLC0415 -- needs the portal's settings
    from tests.factories.submissions import make_draft  # noqa: PLC0415 -- needs the portal's settings

    user = User.objects.create_user(f"frappe-{time.monotonic_ns()}@exemple.invalid")
    return user, make_draft(offer=offer, candidate=user)


def _end_sessions_of(context: "BrowserContext") -> None:
    from django.conf import settings  # noqa: PLC0415 -- needs the portal's settings

    from intake.web.sessions import SessionStore  # noqa: PLC0415 -- needs the portal's settings

    for cookie in context.cookies():
        if cookie["name"] == settings.SESSION_COOKIE_NAME:
            SessionStore(cookie["value"]).flush()


def _tidy(text: str) -> str:
    """Return `text` without the differences that the portal makes on purpose."""
    return " ".join(text.split())
