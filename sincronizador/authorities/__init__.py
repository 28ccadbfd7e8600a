"""Tax authorities: what they are told and asked, one door, an adapter for each."""
