"""Where fields come from: files, folders, videos, the painter."""
