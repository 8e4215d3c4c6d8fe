"""What was planned, how far sales are from it, and where they will end.

A goal is an amount for a period and a part of the business. Progress is added up from the same sums
as every summary; `docs/goals.md` has the formulas.
"""
