"""The one part of the package that is compiled; everything else is in pyproject.toml.

The library has no Python in it, so one build serves every Python of the machine, and it needs no Python headers.
Where it cannot be built the install succeeds without it: NumPy walks the trees instead.
"""

from setuptools import Extension, setup

KERNEL = Extension(
    "leukoscope.bundle._tree_kernel",
    ["leukoscope/bundle/tree_kernel.c"],
    extra_compile_args=["-std=c99", "-O3", "-ffp-contract=off"],
    libraries=["m"],
    optional=True,
    py_limited_api=True,
)

setup(ext_modules=[KERNEL], options={"bdist_wheel": {"py_limited_api": "cp310"}})
