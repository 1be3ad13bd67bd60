"""The profile as one HTML page."""
