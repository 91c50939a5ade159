"""Sends a stored report through every channel that is set."""
