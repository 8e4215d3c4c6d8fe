"""What the pages of analysis share: the view in the address, the cuts it asks for, and panels."""
