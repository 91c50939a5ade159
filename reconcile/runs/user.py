"""Tells who runs a command, for what people decide."""

import getpass


def user_name() -> str:
    """Return the name of the user that the process runs as."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # A container may run under a number that has no name.
        return "somebody"
