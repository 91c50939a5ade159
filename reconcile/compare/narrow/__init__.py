"""Narrows whole stores to the subjects that need a close look, and to all that these rest on."""
