"""The engines that the set rules run on, each in a module of its own that alone knows its library."""
