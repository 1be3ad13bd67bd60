"""How long a bundle takes here, where the time goes, and how far that can be believed."""
