"""Decides, from what was read and nothing else, what every subject's verdict is."""
