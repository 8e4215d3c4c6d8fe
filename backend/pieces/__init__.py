"""The register of pieces: single objects with a serial number of their own, as tags name them.

What a read of a piece means follows from all reads of it in the order of their times, not in the
order in which they came.
"""
