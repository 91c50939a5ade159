"""The scenes of a world, one small function for each situation, and the table of them all."""
