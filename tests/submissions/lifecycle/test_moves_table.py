"""Each cell of (state, action, user): the table of moves, and the operations' behaviour."""

import pytest

from intake.accounts.models import User
from intake.submissions.states import (
    DECIDED,
    SELECTION_ACTIONS,
    TABLE,
    Action,
    HumanReview,
    State,
    batch_moves_from,
    moves_from,
)
from tests.factories.offers import mark_cancelled
from tests.submissions.move_attempts import (
    Scene,
    attempt,
    attempts_for,
    let_the_complement_end,
    make_scene,
    press,
)
from tests.submissions.moves_table import MAY, ORDINARY, PENDING, ROWS, SHORT, UPHELD, WHO, Cell, cells_of

pytestmark = pytest.mark.django_db

ALL = {
    HumanReview.NONE: cells_of(ORDINARY),
    HumanReview.PENDING: cells_of(PENDING),
    HumanReview.UPHELD: cells_of(UPHELD),
}
SILENT = {(Action.FILE, state) for state in State if state != State.DRAFT} | {
    (Action.WITHDRAW, State.WITHDRAWN)
}
"""No error: filing the same draft again returns the same receipt, and a second withdrawal changes nothing."""


@pytest.fixture(scope="module")
def scene(module_db: None) -> Scene:
    """One scene for the module; each attempt is undone at once."""
    return make_scene()


def _named(cells: list[Cell], *, one_in: int = 1) -> list[object]:
    """Return the parameters of a test.

    Unless it is exhaustive: one in `one_in` permitted moves, at least one of each action, and one in six refused.
    """
    permitted = [(place, cell) for place, cell in enumerate(cells) if cell.target is not None]
    first = {cell.action: place for place, cell in reversed(permitted)}
    return [
        pytest.param(
            cell,
            id=f"{cell.action}-from-{cell.source}",
            marks=pytest.mark.full
            if place % (6 if cell.target is None else one_in) and first.get(cell.action) != place
            else (),
        )
        for place, cell in enumerate(cells)
    ]


def _actor(scene: Scene, who: str, file_candidate: User) -> User:
    return file_candidate if who == "candidate" else scene.people[who]


def _check(scene: Scene, cell: Cell, reserve: HumanReview = HumanReview.NONE) -> None:
    """Try each way for each user.

    Where the table refuses every user, the further ways are tried only by users who may make the move from other
    states.
    """
    with scene.at(cell.source, reserve) as file:
        if cell.source == State.COMPLEMENT_REQUESTED and cell.action == Action.FIND_INADMISSIBLE:
            let_the_complement_end(file)
        first, *others = attempts_for(cell.action, cell.source)
        tried = [(first, who) for who in WHO]
        tried += [(way, who) for way in others for who in WHO if cell.target is not None or who in cell.may]
        for way, who in tried:
            found = attempt(way, file, cell.action, _actor(scene, who, file.candidate))
            if cell.target is not None and who in cell.may:
                moved = (cell.action, cell.source, cell.target)
                assert found == ("done", cell.target, [moved]), (way.__name__, who)
            else:
                said = "done" if who in cell.may and (cell.action, cell.source) in SILENT else "refused"
                assert found == (said, cell.source, []), (way.__name__, who)


@pytest.mark.parametrize("cell", _named(ALL[HumanReview.NONE]))
def test_a_move_is_permitted_only_to_the_users_of_the_table(scene: Scene, cell: Cell) -> None:
    _check(scene, cell)


@pytest.mark.parametrize("cell", _named(ALL[HumanReview.PENDING]))
def test_during_a_pending_review_only_the_listed_moves_are_permitted(scene: Scene, cell: Cell) -> None:
    _check(scene, cell, HumanReview.PENDING)


@pytest.mark.parametrize("cell", _named(ALL[HumanReview.UPHELD]))
def test_after_an_upheld_review_only_the_listed_moves_are_permitted(scene: Scene, cell: Cell) -> None:
    _check(scene, cell, HumanReview.UPHELD)


@pytest.mark.parametrize(
    "cell", _named([cell for cell in ALL[HumanReview.NONE] if cell.target is not None], one_in=3)
)
def test_a_cancelled_offer_refuses_moves_towards_a_stage(scene: Scene, cell: Cell) -> None:
    with scene.at(cell.source) as file:
        mark_cancelled(scene.offer.pk)
        file.offer.refresh_from_db()
        for way in attempts_for(cell.action, cell.source):
            who = "candidate" if "candidate" in cell.may else "staff"
            said, state, _rows = attempt(way, file, cell.action, _actor(scene, who, file.candidate))
            made = ROWS[cell.action]["cancelled"] == "yes"
            assert (said, state) == (("done", cell.target) if made else ("refused", cell.source)), (
                way.__name__
            )


@pytest.mark.parametrize("who", ["applied", "in conflict"])
@pytest.mark.parametrize(
    "cell",
    _named(
        [cell for cell in ALL[HumanReview.NONE] if cell.target is not None and "staff" in cell.may], one_in=3
    ),
)
def test_staff_in_conflict_choose_no_candidate(scene: Scene, cell: Cell, who: str) -> None:
    with scene.at(cell.source) as file:
        if cell.source == State.COMPLEMENT_REQUESTED and cell.action == Action.FIND_INADMISSIBLE:
            let_the_complement_end(file)
        # The first way is the table's own function; the callers in `review` check impartiality.
        may = who == "in conflict" and not TABLE[cell.action].chooses
        for way in attempts_for(cell.action, cell.source)[1:]:
            said, state, _rows = attempt(way, file, cell.action, scene.people[who])
            assert (said, state) == (("done", cell.target) if may else ("refused", cell.source)), way.__name__


def test_an_answerable_complement_prevents_a_finding_of_inadmissibility(scene: Scene) -> None:
    with scene.at(State.COMPLEMENT_REQUESTED) as file:
        for way in attempts_for(Action.FIND_INADMISSIBLE, State.COMPLEMENT_REQUESTED):
            found = attempt(way, file, Action.FIND_INADMISSIBLE, scene.people["staff"])
            assert found == ("refused", State.COMPLEMENT_REQUESTED, []), way.__name__


@pytest.mark.parametrize("action", Action)
def test_a_move_by_a_button_is_permitted_only_by_its_row(scene: Scene, action: Action) -> None:
    cells = [cell for cell in cells_of(ORDINARY) + cells_of(UPHELD) if cell.action == action and cell.target]
    reserve = HumanReview.UPHELD if TABLE[action].of_upheld else HumanReview.NONE
    for cell in cells:
        with scene.at(cell.source, reserve) as file:
            how = ROWS[action]["how"]
            if how == "form":
                with pytest.raises(ValueError, match="says more than a reason"):
                    attempt(press, file, action, scene.people["staff"])
            else:
                said, _state, _rows = attempt(press, file, action, scene.people["staff"])
                assert said == ("done" if how == "press" else "refused")


@pytest.mark.parametrize("action", Action)
def test_the_table_of_moves_equals_the_expected_one(action: Action) -> None:
    move, row = TABLE[action], ROWS[action]
    cells = {
        reserve: {
            cell.source: cell.target for cell in grid if cell.action == action and cell.target is not None
        }
        for reserve, grid in ALL.items()
    }
    led = cells[HumanReview.UPHELD] if move.of_upheld else cells[HumanReview.NONE]
    assert dict.fromkeys(move.sources, move.target) == led
    who = {cell.may for grid in ALL.values() for cell in grid if cell.action == action}
    assert who == {MAY[{None: "candidate", "triage_submission": "team"}.get(move.permission, "staff")]}
    assert move.permission in {None, "triage_submission", "decide_submission"}
    assert (move.announced, move.has_own_form) == (row["how"] == "batch", row["how"] == "form")
    assert move.reason_required == (row["reason"] == "yes")
    if move.permission is not None:
        assert move.while_pending == bool(cells[HumanReview.PENDING])
        assert (action in SELECTION_ACTIONS or action is Action.REQUEST_COMPLEMENT) == (
            row["cancelled"] == "no"
        )


@pytest.mark.parametrize("reserve", ALL)
def test_the_pages_offer_the_moves_of_the_table(reserve: HumanReview) -> None:
    def offered(state: State, *how: str) -> set[Action]:
        return {
            cell.action
            for cell in ALL[reserve]
            if cell.source == state and cell.target is not None and ROWS[cell.action]["how"] in how
        }

    for state in {cell.source for cell in ALL[reserve]}:
        assert {move.action for move in moves_from(state, reserve)} == offered(state, "press"), state
        if reserve == HumanReview.NONE:
            assert {move.action for move in batch_moves_from(state)} == offered(state, "batch"), state


def test_every_action_has_a_row_and_every_state_a_column() -> None:
    assert [*SHORT.values()] == [*State]
    assert [*ROWS] == [*Action]


def test_a_candidate_is_written_at_each_request_and_decision() -> None:
    told = {State.COMPLEMENT_REQUESTED, State.INTERVIEW, State.RESERVE} | DECIDED
    silent = {
        move.action
        for move in TABLE.values()
        if move.permission is not None and move.target in told and not move.announced
    }
    # The request has its own mail; a stage begins and ends with the person.
    assert silent == {Action.REQUEST_COMPLEMENT, Action.PLACE, Action.COMPLETE}
