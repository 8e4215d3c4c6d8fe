"""The organisation's own logo.

What is uploaded is not kept: a picture is made anew of those parts of it that only draw.
"""
