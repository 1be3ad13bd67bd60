"""Building TensorRT engines, keeping them, and holding them to the golden frames."""
