"""Why somebody may not sign in, or a person not be changed."""

from backend.core.errors import Invalid, NotAllowed, Unauthenticated, Unreachable


class WeakPassword(Invalid):
    """A password that is too short, too long, or easy to guess."""

    code = "WEAK_PASSWORD"


class SignInRefused(Unauthenticated):
    """Nobody with that e-mail address and password may sign in; which of them is never said."""

    code = "SIGN_IN_REFUSED"

    def __init__(self) -> None:
        super().__init__("the e-mail address or the password is wrong")


class TooManyAttempts(NotAllowed):
    """Too many failures from this address, or for this e-mail address."""

    code = "TOO_MANY_ATTEMPTS"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many failures: try again in {seconds} s", retry_after=seconds)
        self.retry_after = seconds


class TooBusy(Unreachable):
    """More passwords are being checked than this server has room for."""

    code = "TOO_BUSY"
