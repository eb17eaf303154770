#!/bin/bash
# A release archive for one target: a static binary with manual pages, completions, tests and schemas.
#
#     tools/package.sh TARGET [OPTION OF cargo build]...
#
# | TARGET                       | C library   | besides Rust's target it takes                      |
# |------------------------------|-------------|-----------------------------------------------------|
# | x86_64-unknown-linux-musl    | musl        |                                                     |
# | aarch64-unknown-linux-musl   | musl        | qemu-aarch64 elsewhere                              |
# | riscv64gc-unknown-linux-musl | musl        | qemu-riscv64 elsewhere                              |
# | riscv64gc-unknown-linux-gnu  | glibc       | gcc-riscv64-linux-gnu and qemu-riscv64 elsewhere    |
#
# Writes target/package/rvlitmus-VERSION-TARGET.tar.gz, and beside it the same unpacked, which deploy/Dockerfile takes.
# What cannot be built here is said in one line, with exit code 3.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:?a target, such as x86_64-unknown-linux-musl}
shift

cannot() {
    echo "$target: cannot be built here: $*" >&2
    exit 3
}
rustup target list --installed 2> /dev/null | grep -qx "$target" || rustup target add "$target" > /dev/null 2>&1 ||
    cannot "rustup has no standard library of it for $(rustc --version)"
upper=$(echo "$target" | tr a-z- A-Z_)
runner=
case $target in
    x86_64-*-musl) ;;
    aarch64-*-musl | riscv64gc-*-musl) export "CARGO_TARGET_${upper}_LINKER=rust-lld" ;;
    riscv64gc-*-gnu)
        command -v riscv64-linux-gnu-gcc > /dev/null || cannot "there is no riscv64-linux-gnu-gcc"
        export "CARGO_TARGET_${upper}_LINKER=riscv64-linux-gnu-gcc"
        export "CARGO_TARGET_${upper}_RUSTFLAGS=-Ctarget-feature=+crt-static"
        ;;
    *) cannot "it is not one of those that this script knows" ;;
esac
arch=${target%%-*}
arch=${arch%gc}
if [ "$arch" != "$(uname -m)" ]; then
    runner=qemu-$arch
    command -v "$runner" > /dev/null || cannot "there is no $runner to try it with"
fi

cargo build --locked --release --target "$target" "$@"
program=target/$target/release/rvlitmus
if readelf --program-headers "$program" | grep -q INTERP; then
    echo "$target: $program is not static" >&2
    exit 1
fi

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
folder=target/package/rvlitmus-$version-$target
rm -rf "$folder"
mkdir -p "$folder/completions"
cp "$program" README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "$folder"
cp -r litmus schema "$folder"
$runner "$program" man -o "$folder/man"
for shell in bash fish zsh; do $runner "$program" completions "$shell" > "$folder/completions/rvlitmus.$shell"; done

# The binary of the archive answers, on this machine or an emulated one.
tar -C target/package -czf "$folder.tar.gz" --owner=0 --group=0 --sort=name "${folder##*/}"
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
tar -C "$fresh" -xzf "$folder.tar.gz"
$runner "$fresh/${folder##*/}/rvlitmus" run --brief "$fresh/${folder##*/}/litmus/mp" | tail -n 3
echo "$folder.tar.gz: $(wc -c < "$folder.tar.gz") bytes, the binary $(wc -c < "$program")"
