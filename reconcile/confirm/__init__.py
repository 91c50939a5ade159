"""Reads the evidence of findings again, strongly consistent."""
