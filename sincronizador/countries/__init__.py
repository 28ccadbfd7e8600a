"""Floor 1: one room per country, all with the same door. Pure: same bytes in, same answer out."""
