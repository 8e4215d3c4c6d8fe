"""What people see of identity in a browser: server-rendered pages without any script."""
