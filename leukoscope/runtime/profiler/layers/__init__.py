"""What each layer of a network costs here, and how far that is from what the machine could do."""
