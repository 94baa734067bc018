#!/bin/sh
# What a client notices of a SYN flood from many sources, with the source filter and without, in turns, in network namespaces:
# a table for docs/filter.md. About three minutes. Needs root, two cores and Linux 5.18; make bench-flood builds first.
# CORE=1 FLOOD_CORE=0 ROUNDS=5 RATE=300000 (SYNs a second)
# EFFORT=short: far less of everything, to see that it runs
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
home=$("$root/scripts/find-jdk.sh" jre)
"$root/scripts/install-test-tools.sh" taskset:util-linux
PATH=$PATH:/usr/sbin:/sbin
exec "$home/bin/java" --enable-native-access=ALL-UNNAMED -cp "$root/bench/target/classes:$root/app/target/sni-proxy.jar" \
  net.sniproxy.bench.network.SynFlood "${CORE:-1}" "${FLOOD_CORE:-0}" "${ROUNDS:-5}" "${RATE:-300000}" "${EFFORT:-full}"
