"""Takes back what a repair wrote, from its journal, as far as the world is still as the repair left it."""
