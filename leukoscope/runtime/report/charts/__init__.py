"""Charts as inline SVG, made of the report's own markup."""
