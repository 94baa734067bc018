#!/bin/sh
# Measures lookups and updates of maps from Java beside a C loop over the same calls of bpf(2), in one run, and prints
# the ratio. Needs root and gcc. Build first: ./mvnw -q package -pl bench -am -DskipTests -Pbenchmarks
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
home=$("$root/scripts/find-jdk.sh" jre)
# JMH uses sun.misc.Unsafe: the warnings of that would stand between the figures.
exec "$home/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp "$root/bench/target/benchmarks.jar" \
  net.sniproxy.bench.maps.MapCallsBesideC "$root/bench/src/main/c/map_calls.c"
