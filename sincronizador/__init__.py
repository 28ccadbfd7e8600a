"""The bridge between any billing system and electronic invoicing."""

__version__ = "0.1.0"
