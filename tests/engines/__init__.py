"""The engines that the set rules run on: each must find the same, on nulls as on whole worlds."""
