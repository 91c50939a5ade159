"""Explain: what the stores have on one subject, its verdict, and what a repair would write."""
