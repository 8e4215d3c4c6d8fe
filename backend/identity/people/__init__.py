"""People: who they are, how they sign in, and how long a sign-in lasts."""
