#!/bin/sh
# How long a fresh JVM takes to compile and load all kernel programs, with and without an AOT cache. Needs root and
# bench/target/benchmarks.jar (make compare builds it).
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
home=$("$root/scripts/find-jdk.sh" jre)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What the JVM itself needs, from the start of the process to its end.
bare() {
  begin=$(date +%s%N)
  "$home/bin/java" -Xshare:auto -version >/dev/null 2>&1
  echo $((($(date +%s%N) - begin) / 1000000))
}
run() {
  "$home/bin/java" --enable-native-access=ALL-UNNAMED -Xshare:auto "$@" -cp "$root/bench/target/benchmarks.jar" \
    net.sniproxy.bench.ColdStart
}
run -XX:AOTCacheOutput="$work/cold.aot" >/dev/null 2>&1
for i in 1 2 3 4 5; do
  echo "bare JVM:      $(bare) ms"
  echo "without cache: $(run)"
  echo "with cache:    $(run -XX:AOTCache="$work/cold.aot")"
done
