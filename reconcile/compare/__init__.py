"""Gives every subject its verdict, from the snapshot alone."""
