"""Floor 2: the memory, one SQLite file."""
