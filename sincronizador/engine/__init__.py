"""Floor 3: claim, decide, write the intent, do, write the outcome."""
