#!/bin/bash
# A wheel of the program and its Python module for one target, tried in a fresh environment:
#
#     tools/wheel.sh TARGET [OPTION OF cargo build]...
#
# Targets are those of tools/package.sh with musl that can be built (not riscv64 today): their binary is static, so that one wheel is for every Linux. Writes
# target/wheels/. Takes python3 with venv; maturin comes from PyPI. Where the machine is another than the target's, the
# wheel is built and not tried.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:?a target, such as x86_64-unknown-linux-musl}
shift
arch=${target%%-*}
case $target in
    x86_64-*-musl) ;;
    aarch64-*-musl) export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld ;;
    *) echo "$target: no wheel is made of it" >&2; exit 3 ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/build"
"$scratch/build/bin/pip" install --quiet 'maturin>=1.7,<2' wheel
(cd python && "$scratch/build/bin/maturin" build --quiet --locked --release --target "$target" \
    --compatibility musllinux_1_1 --out "$scratch/out" "$@")
mkdir -p target/wheels
"$scratch/build/bin/python" -m wheel tags --remove --platform-tag "manylinux_2_17_$arch.musllinux_1_1_$arch" \
    "$scratch"/out/*.whl
cp "$scratch"/out/*.whl target/wheels
ls -l "$scratch"/out/*.whl | awk '{print "wheel: " $5 " bytes"}'

[ "$arch" = "$(uname -m)" ] || { echo "$target: not tried, this is $(uname -m)"; exit 0; }
for extra in "" "[pandas]"; do
    python3 -m venv --clear "$scratch/fresh"
    "$scratch/fresh/bin/pip" install --quiet "$(ls "$scratch"/out/*.whl)$extra" mypy
    (
        cd "$scratch"
        PATH=/usr/bin:/bin "$scratch/fresh/bin/python" -m unittest discover -s "$OLDPWD/python/tests"
        "$scratch/fresh/bin/python" "$OLDPWD/python/examples/fences.py"
        "$scratch/fresh/bin/rvlitmus" --version
    )
done
"$scratch/fresh/bin/pip" install --quiet pandas-stubs
"$scratch/fresh/bin/mypy" --strict --python-executable "$scratch/fresh/bin/python" python/src python/tests
