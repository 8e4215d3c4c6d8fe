"""The launcher: one command for every program, and the supervisor behind `shelfcast up`."""
