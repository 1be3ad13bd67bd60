"""The one part of the package that is compiled; everything else is in pyproject.toml.

The library has no Python in it, so one build serves every Python of the machine, and it needs no Python headers.
Where it cannot be built the install succeeds without it: NumPy walks the trees instead.
"""

import sysconfig

from setuptools import Extension, setup

FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))  # has no stable ABI to name

KERNEL = Extension(
    "leukoscope.bundle._tree_kernel",
    ["leukoscope/bundle/tree_kernel.c"],
    extra_compile_args=["-std=c99", "-O3", "-ffp-contract=off"],
    libraries=["m"],
    optional=True,
    py_limited_api=not FREE_THREADED,
)

TAG = {} if FREE_THREADED else {"bdist_wheel": {"py_limited_api": "cp310"}}

setup(ext_modules=[KERNEL], options=TAG)
