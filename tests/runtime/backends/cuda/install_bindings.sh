#!/bin/sh
# Installs cuda-python and, where CUDA's headers are, compiles pycuda, on a machine without a GPU.
# Usage: install_bindings.sh PYTHON
#
# pycuda links against libcuda.so.1, which only a driver brings: an empty library of that name stands in
# for it at link time. The tests load their emulated driver in its place. cuRAND is not needed.
set -eu
PYTHON=$1
PYCUDA=pycuda==2026.1
"$PYTHON" -m pip --disable-pip-version-check install --quiet cuda-bindings==13.5.0
if "$PYTHON" -c 'from importlib.metadata import version; version("pycuda")' 2> /dev/null; then
    exit 0
fi
CUDA_ROOT=${CUDA_ROOT:-/usr/local/cuda}
if [ ! -f "$CUDA_ROOT/include/cuda.h" ] || [ ! -x "$CUDA_ROOT/bin/nvcc" ]; then
    echo "no CUDA toolkit at $CUDA_ROOT (set CUDA_ROOT): pycuda is not compiled, its tests skip" >&2
    exit 0
fi
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
echo | cc -shared -x c - -o "$WORK/libcuda.so" -Wl,-soname,libcuda.so.1
echo 'CUDA_ENABLE_CURAND = False' > "$WORK/.aksetup-defaults.py"
echo "compiling pycuda (about four minutes on one core)" >&2
# pycuda reads its build settings from the home folder only, so pip gets another one, and its own back.
for FILE in "$HOME/.config/pip/pip.conf" "$HOME/.pip/pip.conf"; do
    if [ -f "$FILE" ] && [ -z "${PIP_CONFIG_FILE:-}" ]; then export PIP_CONFIG_FILE="$FILE"; fi
done
CACHE=$("$PYTHON" -m pip --disable-pip-version-check cache dir)
HOME=$WORK PIP_CACHE_DIR=$CACHE PATH=$CUDA_ROOT/bin:$PATH CUDA_ROOT=$CUDA_ROOT LIBRARY_PATH=$WORK \
    CFLAGS="-O1 -g0 -w" CXXFLAGS="-O1 -g0 -w" LDFLAGS="-Wl,--no-as-needed" \
    "$PYTHON" -m pip --disable-pip-version-check install --quiet "$PYCUDA"
