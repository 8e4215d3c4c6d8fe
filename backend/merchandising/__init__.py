"""Which product gets how much of which shelf, and how that looks.

A plan maximises margin × demand × (facings / now)^β under the widths of the boards;
`docs/shelves.md` has the formulas and their sources.
"""
