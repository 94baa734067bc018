#!/bin/sh
# What the packet splice costs packets that are not spliced, and how its costs grow from 1,000 to 1,000,000 connections: the
# kernel's tables are filled and the program is test-run. Needs root and a built bench/target/benchmarks.jar.
# usage: bench-flows.sh [LARGEST]
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
home=$("$root/scripts/find-jdk.sh" jre)
exec "$home/bin/java" --enable-native-access=ALL-UNNAMED -cp "${CLASS_PATH:-$root/bench/target/benchmarks.jar}" \
  net.sniproxy.bench.splice.PacketCosts "$@"
