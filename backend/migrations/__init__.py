"""The database's history: each migration runs the SQL file of its name, in order, once."""
