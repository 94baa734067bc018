#!/bin/bash
# Memory for an idle connection of the relay, of HAProxy, nginx and sniproxy, in one run. Prints a Markdown table.
# Build first: make bench does. COUNT: connections (10000, as far as the limit of descriptors allows)
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
# shellcheck source=scripts/bench-peers.sh
. "$root/scripts/bench-peers.sh"
install_peers
ulimit -n "$(ulimit -Hn)"
most=$((($(ulimit -n) - 500) / 2)) count=${COUNT:-10000}
count=$((count < most ? count : most))
work=$(mktemp -d)
chmod 755 "$work"
trap 'stop_all; rm -rf "$work"' EXIT

name=www.example.com back=28300 ours=28301
declare -A port=([haproxy]=28302 [nginx]=28303 [sniproxy]=28304)
# The commands are meant to be split into words.
# shellcheck disable=SC2046
start $ours $(own_command relay $ours $name $back '{"enabled": false}')
ways=("no proxy=$back" "SNI-Proxy relay=$ours=${pids[-1]}")
for peer in haproxy nginx sniproxy; do
  # shellcheck disable=SC2046
  start "${port[$peer]}" $(peer_command $peer "${port[$peer]}" $name $back)
  ways+=("$peer=${port[$peer]}=${pids[-1]}")
done
"$("$root/scripts/find-jdk.sh" jre)/bin/java" -cp "$root/bench/target/classes:$root/app/target/sni-proxy.jar" \
  net.sniproxy.bench.idle.IdleMemory "$count" $back "${ways[@]}"
