#!/bin/sh
# Every timing benchmark of docs/performance.md, one after the other, each into FOLDER/NAME.json and FOLDER/NAME.txt:
#     benchmarks/all.sh FOLDER            (an hour on two cores; close other programs first)
#     benchmarks/all.sh FOLDER --short    (small cases: they run, no more)
# Then: python benchmarks/compare.py OLD_FOLDER FOLDER. PYTHON chooses the interpreter. One that fails is named; the others run.
set -u
folder=${1:?usage: benchmarks/all.sh FOLDER [--short]}
short=${2:-}
root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-$root/.venv/bin/python}
mkdir -p "$folder"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$python" -c "import shutil; shutil.unpack_archive('$root/leukoscope/ready/bundle.zip', '$scratch/bundle')"
failed=''
measure() {
    name=$1 script=$2
    shift 2
    echo "$name" >&2
    "$python" "$root/benchmarks/$script.py" "$@" $short --json "$folder/$name.json" >"$folder/$name.txt" || failed="$failed $name"
}
measure frame_to_vote frame_to_vote
measure gradcam_cost gradcam_cost
measure gradcam_cost_cells gradcam_cost --network sg_cldff
measure gradcam_cost_openvino gradcam_cost --backend openvino
measure int8 int8 "$scratch/bundle"
for backend in onnxruntime-cpu auto; do
    measure "stream_$backend" stream "$scratch/bundle" 'synthetic://?fields=16&seed=3' --fields 16 --turns 9 --backend $backend
done
measure trees trees
measure cells_against_skimage cells_against_skimage
measure start_up start_up
measure growth growth
test -z "$failed" || { echo "failed:$failed" >&2; exit 1; }
