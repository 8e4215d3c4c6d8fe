"""Every question retailers ask of their sales, by name, over one engine.

A preset is a few summaries or statements and the arithmetic that makes a table of them; what each
figure means stands in `docs/analyses.md`.
"""
