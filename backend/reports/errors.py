"""What can go wrong with reports."""

from backend.core.errors import Conflict, Invalid, NotAllowed, NotFound, TooMuch, Unreachable


class InvalidReport(Invalid):
    """A report, its schedule or its recipients that cannot be."""

    code = "IMPOSSIBLE_REPORT"


class InvalidWebhook(Invalid):
    """An address no report is sent to: not https, or not one of the public internet."""

    code = "INVALID_WEBHOOK"


class ReportNotFound(NotFound):
    """No report or schedule that you may see has that id."""

    code = "REPORT_NOT_FOUND"


class ReportNotReady(Conflict):
    """The report has not been made yet, or not in this format."""

    code = "REPORT_NOT_READY"


class TooManyReports(TooMuch):
    """As many schedules, recipients or waiting reports as an organisation may have."""

    code = "TOO_MANY_REPORTS"


class ReportTooLarge(TooMuch):
    """A report with more rows than a file may have, or a file larger than is kept."""

    code = "REPORT_TOO_LARGE"


class InvalidLink(NotAllowed):
    """A link to a file that is not ours, has expired, or whose reader may not sign in any more."""

    code = "INVALID_LINK"


class ReaderGone(NotAllowed):
    """Who was to read the report may not sign in, or may not see reports any more."""

    code = "READER_GONE"


class MailNotSet(Invalid):
    """Reports cannot be mailed: no mail server is set."""

    code = "MAIL_NOT_SET"


class DeliveryRefused(Invalid):
    """The receiver of a webhook refused the report; sending it again would not help."""

    code = "DELIVERY_REFUSED"


class WebhookUnreachable(Unreachable):
    """The receiver of a webhook does not answer, or says to come again later."""

    code = "WEBHOOK_UNAVAILABLE"


class WorkerLost(Unreachable):
    """Whoever made the report was ended each time, as by a lack of memory."""

    code = "WORKER_LOST"
