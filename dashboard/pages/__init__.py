"""The pages of the dashboard; `app.py` registers each of them."""
