"""Stores to try the job on, and the worlds that fill them."""
