"""Why somebody may not sign in, or a person not be changed."""

from backend.core.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    Unauthenticated,
    Unreachable,
)


class WeakPassword(Invalid):
    """A password that is too short, too long, or easy to guess."""

    code = "WEAK_PASSWORD"

    def __init__(self, message: str) -> None:
        super().__init__(message, field=["input", "newPassword"])


class InvalidEmail(Invalid):
    """What should be an e-mail address is none."""

    code = "INVALID_EMAIL"


class InvalidReach(Invalid):
    """Limits that name what is not there, or that do not go with the role."""

    code = "INVALID_REACH"


class SignInRefused(Unauthenticated):
    """Nobody with that e-mail address and password may sign in; which of them is never said."""

    code = "SIGN_IN_REFUSED"

    def __init__(self) -> None:
        super().__init__("the e-mail address or the password is wrong")


class WrongPassword(NotAllowed):
    """The present password, asked for once more, is another one."""

    code = "WRONG_PASSWORD"


class NoPerson(NotAllowed):
    """Only somebody who signed in can do this, not a program."""

    code = "NO_PERSON"


class RoleTooHigh(NotAllowed):
    """Nobody gives, changes or takes away more than they hold themselves."""

    code = "ROLE_TOO_HIGH"


class TooManyAttempts(NotAllowed):
    """Too many failures from this address, or for this e-mail address."""

    code = "TOO_MANY_ATTEMPTS"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many failures: try again in {seconds} s", retry_after=seconds)
        self.retry_after = seconds


class TooBusy(Unreachable):
    """More passwords are being checked than this server has room for."""

    code = "TOO_BUSY"


class UserNotFound(NotFound):
    """No person of this organisation has that id."""

    code = "USER_NOT_FOUND"


class SessionNotFound(NotFound):
    """No session that may be ended has that id."""

    code = "SESSION_NOT_FOUND"


class EmailTaken(Conflict):
    """Somebody has that e-mail address already."""

    code = "EMAIL_TAKEN"


class LastOwner(Conflict):
    """An organisation keeps at least one owner who can sign in."""

    code = "LAST_OWNER"

    def __init__(self) -> None:
        super().__init__("this is the last owner who can sign in: make another one first")


class LinkExpired(Conflict):
    """A link that was used, has expired, was replaced, or is not one of ours."""

    code = "LINK_EXPIRED"

    def __init__(self) -> None:
        super().__init__("this link does not work any more: ask for a new one")
