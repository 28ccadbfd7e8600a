"""Clouds that number and sign: one door, an adapter for each."""
