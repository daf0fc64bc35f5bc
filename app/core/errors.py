"""The three kinds of error (design §5): a rejection is data, a refusal is raised, a bug stops one account."""

import msgspec


class Rejection(msgspec.Struct, frozen=True, kw_only=True):
    """Why one line of input is not taken. Returned by checks, never raised.

    `code` is stable and for machines, `message` is a sentence that names the remedy, `field` and `value`
    are as the sender wrote them, `line` counts from 1 and is None where the input has no lines.
    """

    code: str
    field: str
    message: str
    value: str | None = None
    line: int | None = None


class Refusal(Exception):
    """A command that the rules do not allow now; base of every domain error.

    `code` is stable and for machines, `message` is a plain sentence for a person, `status` is the HTTP
    status (409 unless the caller could have known better), `field` names the argument at fault if one is.
    """

    def __init__(self, code: str, message: str, *, status: int = 409, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.field = field


class Bug(AssertionError):
    """Something that cannot be, was. Stops the booking of that account and not the service; never caught to go on."""
