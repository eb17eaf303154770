#!/bin/bash
# The container of deploy/Dockerfile, built from an unpacked release archive, runs what the Kubernetes manifests say:
#
#     deploy/test-container.sh UNPACKED
#
# The merged report has to be that of a single run, byte for byte, and the image to have less than 20 MB. Takes
# docker, or podman; starts a daemon of its own where docker has none and there is a dockerd. Says so where none can be.
set -euo pipefail
unpacked=$(realpath "${1:?an unpacked archive of tools/package.sh x86_64-unknown-linux-musl}")
deploy=$(realpath "$(dirname "$0")")

skip() {
    echo "container: skipped, $*"
    exit 0
}
scratch=$(mktemp -d)
daemon= image=
finish() {
    status=$?
    trap - EXIT
    if [ -n "$image" ]; then
        "${engine[@]}" rmi --force "$image" > /dev/null 2>&1 || true
    fi
    if [ -n "$daemon" ]; then
        kill "$daemon" && wait "$daemon" 2> /dev/null || true
    fi
    rm -rf "$scratch"
    exit "$status"
}
engine=(docker)
trap finish EXIT
trap 'exit 130' INT TERM

if ! docker info > /dev/null 2>&1; then
    if [ "$(id -u)" -eq 0 ] && command -v docker > /dev/null && command -v dockerd > /dev/null; then
        engine=(docker --host "unix://$scratch/docker.socket")
        dockerd --host "unix://$scratch/docker.socket" --data-root "$scratch/data" --exec-root "$scratch/exec" \
            --pidfile "$scratch/docker.pid" --bridge none --iptables=false > "$scratch/dockerd.log" 2>&1 &
        daemon=$!
        for _ in $(seq 100); do
            "${engine[@]}" info > /dev/null 2>&1 && break
            kill -0 "$daemon" 2> /dev/null || break
            sleep 0.1
        done
    elif command -v podman > /dev/null; then
        engine=(podman)
    fi
    "${engine[@]}" info > /dev/null 2>&1 || skip "neither docker nor podman can run here"
fi

image=rvlitmus:test-$$
"${engine[@]}" build --quiet --network none --file "$deploy/Dockerfile" --tag "$image" "$unpacked" > /dev/null
size=$("${engine[@]}" image inspect --format '{{.Size}}' "$image")
echo "container: $("${engine[0]}" --version), image of $size bytes"
[ "$size" -lt 20000000 ]

# What the Job runs for each index and its merge, as the user that it names, with a volume as it asks for.
work=$scratch/work
mkdir -m 777 "$work" "$work/reports"
chmod 755 "$scratch"
cp -r "$unpacked/litmus" "$work/tests"
arguments() { # MANIFEST [INDEX]
    awk '/^ *args:/ { on = 1; next } on && !/^ *- / { exit } on { print $2 }' "$deploy/$1" |
        sed "s/\$(JOB_COMPLETION_INDEX)/${2-}/"
}
in_container() { # ARGUMENTS, a line each
    mapfile -t lines <<< "$1"
    "${engine[@]}" run --rm --network none --user 65534:65534 --volume "$work:/data" "$image" "${lines[@]}"
}
for index in $(seq 0 7); do in_container "$(arguments kubernetes-shards.yaml "$index")"; done
in_container "$(arguments kubernetes-merge.yaml)"
"$unpacked/rvlitmus" run --format jsonl -o "$work/single.jsonl" "$unpacked/litmus"
cmp "$work/reports/whole.jsonl" "$work/single.jsonl"
echo "container: 8 shards merged to the report of a single run, $(wc -l < "$work/single.jsonl") tests"
