"""The GraphQL documents that the dashboard's server sends; validated like those of the wall."""

from __future__ import annotations

from types import MappingProxyType

ME = """
query Me {
  me {
    scopes
    sessionId
    user { id name email role }
  }
  organisation { name isDemo }
}
"""

_USER = """
fragment PageUser on User {
  id
  name
  email
  role
  state
  locations
  distributor
  channel
  lastSignInAt
}
"""

USERS = f"""
query Users($after: Cursor) {{
  organisation {{ timezone }}
  users(first: 50, after: $after) {{
    nodes {{ ...PageUser }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
{_USER}"""

PLACES = """
query Places {
  locations(first: 200) { nodes { code name } }
  distributors(first: 200) { nodes { code name } }
}
"""

INVITE_USER = """
mutation InviteUser($input: InviteUserInput!) {
  inviteUser(input: $input) { link user { name email } }
}
"""

UPDATE_USER = """
mutation UpdateUser($input: UpdateUserInput!) {
  updateUser(input: $input) { user { id } }
}
"""

DISABLE_USER = """
mutation DisableUser($input: UserInput!) {
  disableUser(input: $input) { user { id } }
}
"""

ENABLE_USER = """
mutation EnableUser($input: UserInput!) {
  enableUser(input: $input) { user { id } }
}
"""

RESET_PASSWORD = """
mutation ResetPassword($input: UserInput!) {
  resetPassword(input: $input) { link user { name email } }
}
"""

CHANGE_PASSWORD = """
mutation ChangePassword($input: ChangePasswordInput!) {
  changePassword(input: $input) { changedAt }
}
"""

SESSIONS = """
query Sessions($filter: SessionFilter!, $after: Cursor) {
  organisation { timezone }
  sessions(
    first: 50
    after: $after
    filter: $filter
    sort: { by: LAST_SEEN_AT, direction: DESC }
  ) {
    nodes { id address agent createdAt lastSeenAt isCurrent user { id name email } }
    pageInfo { hasNextPage endCursor }
  }
}
"""

END_SESSION = """
mutation EndSession($input: EndSessionInput!) {
  endSession(input: $input) { endedCount }
}
"""

END_ALL_SESSIONS = """
mutation EndAllSessions($input: EndAllSessionsInput!) {
  endAllSessions(input: $input) { endedCount }
}
"""

CLIENTS = """
query Clients($after: Cursor) {
  organisation { timezone }
  clients(first: 50, after: $after) {
    nodes {
      clientId
      name
      kind
      scopes
      redirectUris
      isFirstParty
      lastUsedAt
      revokedAt
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

CREATE_CLIENT = """
mutation CreateClient($input: CreateClientInput!) {
  createClient(input: $input) { clientSecret client { clientId name } }
}
"""

UPDATE_CLIENT = """
mutation UpdateClient($input: UpdateClientInput!) {
  updateClient(input: $input) { client { clientId } }
}
"""

ROTATE_CLIENT_SECRET = """
mutation RotateClientSecret($input: RotateClientSecretInput!) {
  rotateClientSecret(input: $input) { clientSecret client { clientId name } }
}
"""

REVOKE_CLIENT = """
mutation RevokeClient($input: RevokeClientInput!) {
  revokeClient(input: $input) { client { clientId } }
}
"""

ORGANISATION_SETTINGS = """
query OrganisationSettings {
  organisation { code name currency timezone fiscalYearStart fiscalCalendar isDemo logo }
}
"""

UPDATE_ORGANISATION = """
mutation UpdateOrganisation($input: UpdateOrganisationInput!) {
  updateOrganisation(input: $input) { organisation { id } }
}
"""

CHANGE_LOGO = """
mutation ChangeLogo($input: ChangeLogoInput!) {
  changeLogo(input: $input) { organisation { id } }
}
"""

CLOSE_ORGANISATION = """
mutation CloseOrganisation($input: CloseOrganisationInput!) {
  closeOrganisation(input: $input) { organisation { closedAt } }
}
"""

AUDIT_LOG = """
query AuditLog($filter: AuditFilter!, $after: Cursor) {
  organisation { timezone }
  auditLog(first: 100, after: $after, filter: $filter) {
    nodes { id at actorKind actorId actorName address action subject details }
    pageInfo { hasNextPage endCursor }
  }
}
"""

RECORD_DOCUMENTS = MappingProxyType(
    {
        "me": ME,
        "users": USERS,
        "places": PLACES,
        "inviteUser": INVITE_USER,
        "updateUser": UPDATE_USER,
        "disableUser": DISABLE_USER,
        "enableUser": ENABLE_USER,
        "resetPassword": RESET_PASSWORD,
        "changePassword": CHANGE_PASSWORD,
        "sessions": SESSIONS,
        "endSession": END_SESSION,
        "endAllSessions": END_ALL_SESSIONS,
        "clients": CLIENTS,
        "createClient": CREATE_CLIENT,
        "updateClient": UPDATE_CLIENT,
        "rotateClientSecret": ROTATE_CLIENT_SECRET,
        "revokeClient": REVOKE_CLIENT,
        "organisation": ORGANISATION_SETTINGS,
        "updateOrganisation": UPDATE_ORGANISATION,
        "closeOrganisation": CLOSE_ORGANISATION,
        "changeLogo": CHANGE_LOGO,
        "auditLog": AUDIT_LOG,
    }
)
"""All of them, by the name of their field."""
