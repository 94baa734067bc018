#!/bin/sh
# Measures the packet splice and the relay beside HAProxy, nginx, sniproxy and no proxy, in network namespaces on one
# core, and writes docs/benchmarks/network.md and network.svg. Needs root; installs the other proxies, which nothing else
# here uses. CORE=1 ROUNDS=3
# EFFORT=short: far less of everything, to see that it runs. OUT: another folder than docs/benchmarks
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
home=$("$root/scripts/find-jdk.sh" jre)
"$root/scripts/install-test-tools.sh" haproxy:haproxy sniproxy:sniproxy taskset:util-linux \
  /usr/lib/nginx/modules/ngx_stream_module.so:libnginx-mod-stream
PATH=$PATH:/usr/sbin:/sbin
out=${OUT:-$root/docs/benchmarks}
mkdir -p "$out"
"$home/bin/java" --enable-native-access=ALL-UNNAMED -cp "$root/bench/target/classes:$root/app/target/sni-proxy.jar" \
  net.sniproxy.bench.network.SideBySide "${CORE:-1}" "${ROUNDS:-3}" "${EFFORT:-full}" "$out/network.md" "$out/network.svg" \
  "$root/sni-proxy"
