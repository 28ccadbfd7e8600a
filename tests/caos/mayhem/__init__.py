"""The installed programs among everything that goes wrong, and the judge who looks from outside."""
