"""The processes that serve, and the command line."""
