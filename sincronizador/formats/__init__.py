"""Floor 1: bytes to sections. Pure."""
