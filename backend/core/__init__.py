"""What every other part may rely on: errors, identifiers, quantities, settings.

Nothing here talks to anything.
"""
