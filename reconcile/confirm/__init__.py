"""Reads again, strongly consistent, what findings rest on."""
