"""Handing reports over: by mail and by webhook."""
