"""The authorization server: OAuth 2.0 with PKCE, for people and for programs."""
