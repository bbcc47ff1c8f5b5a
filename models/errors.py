"""What can go wrong, by meaning. `api.errors` alone knows which HTTP status each of them is."""

from collections.abc import Sequence

from models.problem import Problem


class Refused(Exception):
    """The request was refused; `problems` says why, one entry a finding."""

    code = "processing"

    def __init__(self, problems: str | Sequence[Problem]) -> None:
        self.problems = (Problem(self.code, problems),) if isinstance(problems, str) else tuple(problems)
        super().__init__("; ".join(problem.text for problem in self.problems))


class Malformed(Refused):
    """The body is no well-formed FHIR JSON document."""

    code = "structure"


class Invalid(Refused):
    """The body is well formed and breaks a rule of FHIR, of a profile or of this service."""

    code = "invariant"


class BadRequest(Refused):
    """A parameter or header cannot be understood."""

    code = "invalid"


class NotAuthenticated(Refused):
    """The request carries no bearer token (`sent` is false), or one that proves nothing."""

    code = "login"

    def __init__(self, problems: str | Sequence[Problem], sent: bool = True) -> None:
        super().__init__(problems)
        self.sent = sent


class Forbidden(Refused):
    """The token is good and does not allow this; `scope` is one that would."""

    code = "forbidden"

    def __init__(self, problems: str | Sequence[Problem], scope: str = "") -> None:
        super().__init__(problems)
        self.scope = scope


class NotFound(Refused):
    """Nothing is stored, or nothing is served, at this address."""

    code = "not-found"


class Gone(Refused):
    """The resource was deleted, or the cursor belongs to an earlier life of the database."""

    code = "deleted"


class NotAllowed(Refused):
    """The address exists and this method is not served there."""

    code = "not-supported"


class NotAcceptable(Refused):
    """No format that the client accepts is served."""

    code = "not-supported"


class WrongMediaType(Refused):
    """The body came in a media type that is not read here."""

    code = "not-supported"


class TooSlow(Refused):
    """The request did not come in time."""

    code = "timeout"


class TooLarge(Refused):
    """The body is larger than the limit that is set."""

    code = "too-long"


class HeadTooLarge(Refused):
    """Address and headers together are larger than the limit that is set."""

    code = "too-long"


class Conflict(Refused):
    """What is kept does not allow it: a patch's test fails, or an id is taken already."""

    code = "conflict"


class PreconditionFailed(Refused):
    """If-Match, If-None-Match, If-None-Exist or the criteria of a conditional request do not hold."""

    code = "conflict"


class Throttled(Refused):
    """The client asks more often than it may; the request can be sent again later."""

    code = "throttled"


class Elsewhere(Refused):
    """A browser was led here by a page or a name of elsewhere; without AUTH this machine alone may ask."""

    code = "forbidden"


class Unavailable(Refused):
    """The database does not answer; the request can be sent again."""

    code = "transient"
