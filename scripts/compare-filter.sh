#!/bin/bash
# The source filter beside xdp-filter (Debian: xdp-tools), in one run. Needs root and a built bench/target/benchmarks.jar.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
home=$("$root/scripts/find-jdk.sh" jre)
PATH=$PATH:/usr/sbin:/sbin
if ! command -v xdp-filter >/dev/null || ! command -v bpftool >/dev/null; then
  apt-get -qq update
  apt-get -qq install -y --no-install-recommends xdp-tools bpftool >/dev/null
fi
space=sni-compare-filter-$$

# shellcheck disable=SC2317
clean() {
  ip netns delete "$space"
}
ip netns add "$space"
trap clean EXIT
ip -n "$space" link add letsin type veth peer name drops
ip -n "$space" link set letsin up
ip -n "$space" link set drops up

# In a mount namespace of its own: xdp-filter pins its maps in /sys/fs/bpf.
ip netns exec "$space" bash -euo pipefail -c '
  mount -t bpf bpf /sys/fs/bpf
  id() { bpftool -j net show dev "$1" | sed -E "s/.*\"id\":([0-9]+).*/\1/"; }
  xdp-filter load -p allow -f ipv4 letsin
  xdp-filter ip -m src 10.1.2.3
  lets_in=$(id letsin)
  # It has one policy for each file system that it pins in.
  mount -t bpf bpf /sys/fs/bpf
  xdp-filter load -p deny -f ipv4 drops
  xdp-filter ip -m src 10.1.2.3
  dropping=$(id drops)
  "$@" net.sniproxy.bench.filter.FilterBesideXdpFilter "$lets_in" "$dropping"
' compare "$home/bin/java" --enable-native-access=ALL-UNNAMED -cp "${CLASS_PATH:-$root/bench/target/benchmarks.jar}"
