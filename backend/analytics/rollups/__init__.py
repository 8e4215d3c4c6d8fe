"""Sums kept ready: facts in numbers, cells at the grains that questions need, a cursor in the log.

`grains` says which sums there are, `filling` and `rolling` keep them, `reading` answers from them.
"""
