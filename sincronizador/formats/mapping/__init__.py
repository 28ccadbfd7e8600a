"""Floor 1: mappings. Another program's file as sections of our TXT, by tables of data: no expressions, no code."""
