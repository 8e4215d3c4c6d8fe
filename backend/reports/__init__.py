"""What people make of figures, keep and share: pivots, boards, reports that come by themselves.

What a report says is a `Document`, made as its reader sees the sales; its files are drawn from it.
Reports are tracked jobs: made once, sent once, restated when sales change. Every figure is added up
by analytics.
"""
