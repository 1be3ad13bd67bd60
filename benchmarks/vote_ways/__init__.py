"""The ways from a frame in memory to a vote and a map that `frame_to_vote.py` puts side by side."""
