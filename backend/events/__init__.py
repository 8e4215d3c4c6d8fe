"""The event log and the live feed that follows it.

Every entry reaches every follower in order, or the follower is told of a gap.
"""
