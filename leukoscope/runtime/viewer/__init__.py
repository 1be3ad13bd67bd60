"""The viewer: a page in a browser that looks on while fields are judged, and in which they are reviewed."""
