"""Charts of the slide's report as inline SVG."""
