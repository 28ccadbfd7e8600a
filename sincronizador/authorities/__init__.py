"""The services of tax authorities."""
