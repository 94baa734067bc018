#!/bin/sh
# Compares what our compiler makes of kernel programs with what clang makes of the same programs in C, and writes
# docs/clang-comparison.md. Needs root; installs clang and libbpf's headers, which nothing else here uses.
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
home=$("$root/scripts/find-jdk.sh" jre)
PATH=$PATH:/usr/sbin:/sbin
for tool in clang bpftool; do
  command -v $tool >/dev/null || missing=yes
done
[ -e /usr/include/bpf/bpf_helpers.h ] || missing=yes
if [ -n "${missing:-}" ]; then
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends clang libbpf-dev bpftool >/dev/null
fi
exec "$home/bin/java" --enable-native-access=ALL-UNNAMED -cp "$root/bench/target/benchmarks.jar" \
  net.sniproxy.bench.clang.ClangComparison "$root/bench/src/main/c" "$root/docs/clang-comparison.md"
