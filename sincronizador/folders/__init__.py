"""Floor 2: the folders that legacy systems write to and read from."""
