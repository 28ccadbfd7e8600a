"""Floor 2: signatures and certificates."""
