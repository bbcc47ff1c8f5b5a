"""What the pages say about consumers."""

from collections.abc import Mapping

from api.openapi.operation import ASKED, POSTED, READ, Answer, Operation
from models import errors

_STANDING = Answer("Parameters: `consumer` and `position`.", ("Parameters",))
CONSUMERS: Mapping[str, Operation] = {
    "poll": Operation(
        "pollAsConsumer",
        "The next alerts of a consumer",
        "The alerts behind the position that is kept here for `consumer`, in the order of commit; for engines that "
        "cannot keep a link. The first poll begins the consumer with the criteria that it gives, at `from`. The link "
        "`ack` acknowledges the page; `next` and `monitor` do that and give what comes then. All three are POSTs. "
        "Until it is acknowledged a page comes again.",
        {200: Answer("A searchset Bundle.", ("Bundle",), ("Warning",), ("consumed",))},
        (*POSTED, errors.Conflict, errors.Gone),
        ("poll",),
        (ASKED, "consumer", "_count", "_tag"),
        "Consumers",
    ),
    "ack": Operation(
        "acknowledgePage",
        "A consumer has handed on its alerts",
        "Moves the position, never back: a cursor that others have overtaken changes nothing. One of another consumer "
        "is 409, one from before a reset or a restore of the database 410.",
        {200: _STANDING},
        (*POSTED, errors.Conflict, errors.Gone, errors.NotFound),
        (),
        (ASKED, "consumer", "cursor"),
        "Consumers",
    ),
    "consumers": Operation(
        "consumers",
        "How far each consumer is behind",
        "Each with what waits for it, for how long, and when it last fetched. Nothing is changed.",
        {200: Answer("Parameters, one `consumer` each.", ("Parameters",))},
        (*READ, errors.NotFound),
        tag="Consumers",
    ),
    "consumer_reset": Operation(
        "resetConsumer",
        "Have a consumer begin elsewhere",
        "Back, so that alerts come again, or forward, so that those that wait are passed over. Cursors that it was "
        "given before acknowledge nothing any more.",
        {200: _STANDING},
        (*POSTED, errors.Conflict, errors.NotFound),
        (),
        (ASKED, "consumer", "from"),
        "Consumers",
    ),
    "consumer_remove": Operation(
        "removeConsumer",
        "Forget a consumer",
        "Stop its engine first: the next poll begins it anew.",
        {200: _STANDING},
        (*POSTED, errors.Conflict, errors.NotFound),
        (),
        (ASKED, "consumer"),
        "Consumers",
    ),
}
