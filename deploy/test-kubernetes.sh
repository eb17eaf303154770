#!/bin/bash
# The manifests against the schemas of Kubernetes, which the Python package kubernetes-validate brings, the oldest
# version that has what they use and the newest:
#
#     deploy/test-kubernetes.sh
#
# Says so where the package cannot be had. What the manifests run is tried by deploy/test-container.sh.
set -euo pipefail
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if ! { python3 -m venv "$scratch" && "$scratch/bin/pip" install --quiet kubernetes-validate; } > /dev/null 2>&1; then
    echo "kubernetes: skipped, kubernetes-validate cannot be installed"
    exit 0
fi
for version in 1.29 ""; do
    "$scratch/bin/kubernetes-validate" --strict ${version:+--kubernetes-version "$version"} kubernetes-*.yaml
done
