"""The GraphQL documents of the page of reports."""

from __future__ import annotations

from types import MappingProxyType

_RUN = """
fragment PageRun on ReportRun {
  id
  name
  state
  progress
  doing
  reason
  channel
  from
  to
  asOf
  totals
  queuedAt
  dueAt
  nextAttemptAt
  finishedAt
  isLate
  restatedAt
  restatedTotals
  failureCode
  failureMessage
  readerName
  files { format size url }
}
"""

_SCHEDULE = """
fragment PageSchedule on ReportSchedule {
  id
  name
  content { kind name filter choice }
  formats
  frequency
  at
  day
  resendsRestated
  isPaused
  recipients { id channel name email url timezone nextDueAt }
}
"""

REPORTS = f"""
query Reports($filter: ReportRunFilter, $after: Cursor) {{
  organisation {{ timezone currency }}
  reportSchedules(first: 200) {{ nodes {{ ...PageSchedule }} }}
  reportRuns(first: 30, after: $after, filter: $filter) {{
    nodes {{ ...PageRun }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
{_RUN}{_SCHEDULE}"""

CATALOGUE = """
query ReportCatalogue {
  organisation { timezone }
  reportCatalogue { kind name title description hasFilter }
}
"""

PREVIEW = """
query ReportPreview($ids: [ID!]) {
  reportRuns(first: 1, filter: { ids: $ids }) {
    nodes {
      id
      summary { title sentences { text figures { label shown source { page } } } }
      files { format url }
    }
  }
}
"""

CREATE_SCHEDULE = """
mutation CreateReportSchedule($input: CreateReportScheduleInput!) {
  createReportSchedule(input: $input) { schedule { id name } webhookSecrets { url secret } }
}
"""

UPDATE_SCHEDULE = """
mutation UpdateReportSchedule($input: UpdateReportScheduleInput!) {
  updateReportSchedule(input: $input) { schedule { id name } webhookSecrets { url secret } }
}
"""

DELETE_SCHEDULE = """
mutation DeleteReportSchedule($input: ReportScheduleIdInput!) {
  deleteReportSchedule(input: $input) { id }
}
"""

RUN_SCHEDULE = """
mutation RunReportSchedule($input: ReportScheduleIdInput!) {
  runReportSchedule(input: $input) { runs { id } }
}
"""

SEND_SAMPLE = """
mutation SendReportSample($input: ReportScheduleIdInput!) {
  sendReportSample(input: $input) { run { id } }
}
"""

RUN_REPORT = """
mutation RunReport($input: RunReportInput!) {
  runReport(input: $input) { run { id name } }
}
"""

RETRY_REPORT = """
mutation RetryReport($input: ReportRunIdInput!) {
  retryReport(input: $input) { run { id } }
}
"""

RESEND_REPORT = """
mutation ResendReport($input: ReportRunIdInput!) {
  resendReport(input: $input) { run { id } }
}
"""

REPORTS_FEED = """
subscription ReportsFeed {
  feed(topics: [REPORTS], snapshot: false) {
    __typename
    ... on FeedEvent { cursor recordedAt }
    ... on FeedGap { cursor reason }
    ... on FeedHeartbeat { cursor serverTime }
  }
}
"""
"""What the page follows; with it no more than that something changed is told."""

REPORT_DOCUMENTS = MappingProxyType(
    {
        "feed": REPORTS_FEED,
        "reports": REPORTS,
        "catalogue": CATALOGUE,
        "preview": PREVIEW,
        "create": CREATE_SCHEDULE,
        "update": UPDATE_SCHEDULE,
        "delete": DELETE_SCHEDULE,
        "run": RUN_SCHEDULE,
        "sample": SEND_SAMPLE,
        "now": RUN_REPORT,
        "retry": RETRY_REPORT,
        "resend": RESEND_REPORT,
    }
)
"""All of them, by what they are for."""
