"""The bundle: its format, and the only code that reads or writes it."""
