#!/bin/sh
# Measures the packet splice and the relay beside HAProxy, nginx, sniproxy and no proxy, in network namespaces on one
# core, and writes docs/benchmarks/network.md and network.svg. Needs root; installs the other proxies, which nothing else
# here uses. CORE=1 ROUNDS=3
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
home=$("$root/scripts/find-jdk.sh" jre)
PATH=$PATH:/usr/sbin:/sbin
for tool in haproxy nginx sniproxy; do
  command -v $tool >/dev/null || missing=yes
done
[ -e /usr/lib/nginx/modules/ngx_stream_module.so ] || missing=yes
if [ -n "${missing:-}" ]; then
  # None of them may start as a service of this machine.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f $policy' EXIT
  fi
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends haproxy nginx libnginx-mod-stream sniproxy >/dev/null
fi
mkdir -p "$root/docs/benchmarks"
"$home/bin/java" --enable-native-access=ALL-UNNAMED -cp "$root/bench/target/benchmarks.jar" \
  net.sniproxy.bench.network.SideBySide "${CORE:-1}" "${ROUNDS:-3}" \
  "$root/docs/benchmarks/network.md" "$root/docs/benchmarks/network.svg"
