"""Where results go: pictures, videos, lines of JSON, masks, maps."""
