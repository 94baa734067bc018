#!/bin/sh
# Writes the kernel programs as object files: target/bpfel-unknown-none/*.o and target/bpfeb-unknown-none/*.o.
# usage: build-ebpf.sh [FOLDER]   (instead of target)
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
exec "$root/sni-proxy" bpf build --output "${1:-$root/target}"
