"""Floor 0: what two rooms exchange. Pure: no country, no clock, no file."""
