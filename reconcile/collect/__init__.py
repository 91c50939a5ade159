"""Reads the three stores, and the media that programs point at."""
