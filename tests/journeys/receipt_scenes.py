"""A filing whose files and mail no worker makes: the test makes its signed receipt when it wants to."""

from intake.submissions.models import Submission
from tests.factories.offers import new_number
from tests.factories.people import make_staff
from tests.factories.review import make_signed_receipt
from tests.factories.submissions import make_filing, make_open_offer
from tests.journeys.complement_scenes import ask, close
from tests.journeys.delayed_deliveries import delay_deliveries
from tests.journeys.printing import new_address, new_candidate, print_found, session_of


@delay_deliveries()
def make_filed_without_files(*, with_complement: bool = False) -> None:
    """File a submission of a new candidate. Print its identifier, its number and the candidate's session.

    With `with_complement`, its offer then closes and a complement is requested.
    """
    candidate = new_candidate()
    offer = make_open_offer(number=new_number())
    receipt = make_filing(offer=offer, candidate=candidate)
    if with_complement:
        close([offer])
        ask(Submission.objects.get(pk=receipt.filing.submission_id), make_staff(email=new_address()))
    found = {
        "public_id": receipt.filing.submission.public_id,
        "number": receipt.number,
        "session": session_of(candidate),
    }
    print_found(found)


def sign_receipt_of(public_id: str) -> None:
    """Make the signed receipt of the submission's filing, as a worker does."""
    made = make_signed_receipt(Submission.objects.get(public_id=public_id))
    print_found(made.size)
