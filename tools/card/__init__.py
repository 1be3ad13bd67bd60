"""Model cards from measured figures: every number comes from a file, every judgement from a rule."""
