"""The agent's commands, one file each: `add_to` a parser, and what it runs."""
