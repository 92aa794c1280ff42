"""Files to read by keys, made in the running portal's database by its own operations."""

from offers.models import GridLineData
from tests.factories.files import pdf_bytes
from tests.factories.offers import new_number
from tests.factories.review import make_dossier, make_filed, make_reviewer
from tests.factories.submissions import make_open_offer
from tests.journeys.delayed_deliveries import delay_deliveries
from tests.journeys.printing import new_address, new_candidate, print_found, session_of

LINES, ANSWERS = 5, 2


@delay_deliveries()
def make_to_read(files: int) -> None:
    """File submissions with their dossiers to an offer whose grid has `LINES` lines. Print a member's session."""
    offer = make_open_offer(
        number=new_number(), grid=[GridLineData(text=f"ligne {line}") for line in range(LINES)]
    )
    for _each in range(files):
        file = make_filed(offer, candidate=new_candidate())
        documents = file.standing_filing.documents.count() if file.standing_filing else 0
        pages = ANSWERS + documents
        make_dossier(file, content=pdf_bytes(pages), pages=pages, starts=range(ANSWERS + 1, pages + 1))
    reader = make_reviewer(offer, email=new_address())
    print_found({"session": session_of(reader), "reader": reader.pk, "offer": offer.pk})
