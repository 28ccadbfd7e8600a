"""Roof: assembly and the running process."""
