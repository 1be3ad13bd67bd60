"""The CUDA driver: one small interface over pycuda and cuda-python, and who owns what they hand out."""
