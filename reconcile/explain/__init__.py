"""Explain: what the stores say of one subject, what the job makes of it, and what a repair would write."""
