"""Faults that the stand-ins can be told to have."""
