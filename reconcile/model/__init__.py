"""The words of the trade as frozen dataclasses: no clock, no network, no environment."""
