"""The GraphQL documents of the page of devices, and what its scripts follow."""

from __future__ import annotations

from types import MappingProxyType

_AGENT = """
fragment PageAgent on Agent {
  id
  name
  state
  troubles
  heardAt
  softwareVersion
  hostname
  startedAt
  clockSkewMs
  lastError
  wantedVersion
  locations { code name }
  outbox { depth bytes refused dropped parked oldestAt }
  devices { code port state protocol reads garbage lastReadAt lastError }
  configuration { version state error }
}
"""

_ROLLOUT = """
fragment PageRollout on AgentRollout {
  id
  configurationVersion
  state
  wave
  waves
  startedAt
  startedByName
  finishedAt
  reason
  agents { name wave state error }
}
"""

DEVICES = f"""
query Devices($filter: AgentFilter, $after: Cursor) {{
  organisation {{ timezone serverTime }}
  agents(first: 50, after: $after, filter: $filter) {{
    nodes {{ ...PageAgent }}
    pageInfo {{ hasNextPage endCursor }}
  }}
  agentRollouts(first: 4) {{ nodes {{ ...PageRollout }} }}
  enrolmentCodes(first: 20) {{ nodes {{ id state name expiresAt location {{ name }} }} }}
  parkedCodes(first: 20, sort: {{ by: READS, direction: DESC }}) {{
    nodes {{ code reason gtin reads device firstSeenAt lastSeenAt }}
    pageInfo {{ hasNextPage }}
  }}
}}
{_AGENT}{_ROLLOUT}"""

DEVICE_PLACES = """
query DevicePlaces {
  locations(first: 200) { nodes { code name } }
}
"""

FLEET = """
query Fleet {
  agents(first: 200, filter: { states: [REPORTING, STOPPED, SILENT, ENROLLED] }) {
    nodes { id name state wantedVersion locations { code } }
  }
}
"""

AGENT_CONFIGURATION = """
query AgentConfiguration($versions: [Int!]!) {
  agentConfigurations(first: 10, filter: { versions: $versions }) {
    nodes { version document note madeAt madeByName diff }
  }
}
"""

CHECK_CONFIGURATION = """
query CheckConfiguration($document: String!, $agents: [ID!]!, $basedOn: Int) {
  checkAgentConfiguration(document: $document, agents: $agents, basedOn: $basedOn) {
    diff
    problems { line key message }
  }
}
"""

CREATE_ENROLMENT_CODE = """
mutation CreateEnrolmentCode($input: CreateEnrolmentCodeInput!) {
  createEnrolmentCode(input: $input) { code expiresAt url }
}
"""

WITHDRAW_ENROLMENT_CODE = """
mutation WithdrawEnrolmentCode($input: WithdrawEnrolmentCodeInput!) {
  withdrawEnrolmentCode(input: $input) { id }
}
"""

REVOKE_AGENT = """
mutation RevokeAgent($input: RevokeAgentInput!) {
  revokeAgent(input: $input) { agent { id } }
}
"""

START_ROLLOUT = """
mutation StartRollout($input: StartAgentRolloutInput!) {
  startAgentRollout(input: $input) { rollout { configurationVersion waves } }
}
"""

PAUSE_ROLLOUT = """
mutation PauseRollout($input: AgentRolloutInput!) {
  pauseAgentRollout(input: $input) { rollout { state } }
}
"""

RESUME_ROLLOUT = """
mutation ResumeRollout($input: AgentRolloutInput!) {
  resumeAgentRollout(input: $input) { rollout { state } }
}
"""

CANCEL_ROLLOUT = """
mutation CancelRollout($input: AgentRolloutInput!) {
  cancelAgentRollout(input: $input) { rollout { state } }
}
"""

ROLL_BACK_ROLLOUT = """
mutation RollBackRollout($input: AgentRolloutInput!) {
  rollBackAgentRollout(input: $input) { rollout { state } }
}
"""

DEVICES_FEED = """
subscription DevicesFeed {
  feed(topics: [DEVICES], snapshot: false) {
    __typename
    ... on FeedEvent { cursor recordedAt }
    ... on FeedGap { cursor reason }
    ... on FeedHeartbeat { cursor serverTime }
  }
}
"""
"""What the page follows; with it no more than that something changed is told."""

FLEET_DOCUMENTS = MappingProxyType(
    {
        "devices": DEVICES,
        "places": DEVICE_PLACES,
        "fleet": FLEET,
        "configuration": AGENT_CONFIGURATION,
        "check": CHECK_CONFIGURATION,
        "createEnrolmentCode": CREATE_ENROLMENT_CODE,
        "withdrawEnrolmentCode": WITHDRAW_ENROLMENT_CODE,
        "revokeAgent": REVOKE_AGENT,
        "start": START_ROLLOUT,
        "pause": PAUSE_ROLLOUT,
        "resume": RESUME_ROLLOUT,
        "cancel": CANCEL_ROLLOUT,
        "rollBack": ROLL_BACK_ROLLOUT,
        "feed": DEVICES_FEED,
    }
)
"""All of them, by what they are for."""
