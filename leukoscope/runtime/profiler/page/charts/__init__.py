"""The charts of a profile, as inline SVG."""
