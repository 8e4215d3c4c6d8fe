"""Reports that come by themselves: tracked jobs, made once, sent once, restated when sales change.

What a report says is a `Document`, made as its reader sees the sales; its files are drawn from it.
"""
