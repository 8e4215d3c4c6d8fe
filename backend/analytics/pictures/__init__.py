"""Pictures of analyses: SVG drawn here, PNG made of it.

`GET /api/profit_by_item` and `/api/frequency_of_sale` answer with them.
"""
