#!/bin/sh
# What a client notices of a SYN flood from many sources, with the source filter and without, in network namespaces: a
# table for docs/filter.md. About 30 seconds. Needs root, two cores and a built app/target/sni-proxy.jar and
# bench/target/classes. CORE=1 FLOOD_CORE=0
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
home=$("$root/scripts/find-jdk.sh" jre)
"$root/scripts/install-test-tools.sh" taskset:util-linux python3:python3
PATH=$PATH:/usr/sbin:/sbin
exec "$home/bin/java" --enable-native-access=ALL-UNNAMED -cp "$root/bench/target/classes:$root/app/target/sni-proxy.jar" \
  net.sniproxy.bench.network.SynFlood "${CORE:-1}" "${FLOOD_CORE:-0}" "$root/scripts/syn-flood.py"
