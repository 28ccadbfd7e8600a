"""The sheets of an A4 form: letters, pen, and the parts of a sheet from its head to its foot."""
