#!/bin/bash
# Measures what stands between a client and a server on this host: nothing, the relay, redirection between sockets
# and other SNI proxies. Everything is pinned to one processor, in one run, in turns. Prints a Markdown table with the medians
# of the turns.
# Needs root and gcc; installs HAProxy, nginx and sniproxy (Debian) where they are missing. Build first: make build
# usage: scripts/bench-forwarding.sh [PATH...]   PATHs: direct relay sockmap haproxy nginx sniproxy
# Environment: CPU (the last one), TURNS (5), SECONDS_EACH (1), MEGABYTES (2000)
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
paths=("$@")
[ $# -gt 0 ] || paths=(direct relay sockmap haproxy nginx sniproxy)
processors=$(nproc)
cpu=${CPU:-$((processors - 1))} turns=${TURNS:-5} seconds=${SECONDS_EACH:-1} megabytes=${MEGABYTES:-2000}
name=bench.test
# shellcheck source=scripts/bench-peers.sh
. "$root/scripts/bench-peers.sh"

work=$(mktemp -d)
chmod 755 "$work"
mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
cgroup=$mount/sni-bench-$$
home=$(awk -F: '$1 == "0" { print $3 }' /proc/self/cgroup)

clean_up() {
  stop_all
  echo $$ >"$mount$home/cgroup.procs"
  for _ in $(seq 50); do rmdir "$cgroup" 2>/dev/null && break || sleep 0.1; done
  rm -rf "$work"
}
trap clean_up EXIT

declare -A port=([direct]=28100 [relay]=28101 [sockmap]=28102 [haproxy]=28103 [nginx]=28104 [sniproxy]=28105)

start_own() { # PATH EBPF
  # The command is meant to be split into words.
  # shellcheck disable=SC2046
  start "${port[$1]}" $(own_command "$1" "${port[$1]}" $name "${port[direct]}" "$2")
}

start_path() {
  case $1 in
    direct) start "${port[direct]}" "$work/load" server 127.0.0.1 "${port[direct]}" ;;
    relay) start_own relay '{ "enabled": false }' ;;
    sockmap)
      start_own sockmap "{ \"enabled\": true, \"splice\": { \"enabled\": false },
        \"sockmap\": { \"cgroup\": \"$cgroup\" } }"
      ;;
    *)
      # shellcheck disable=SC2046
      start "${port[$1]}" $(peer_command "$1" "${port[$1]}" $name "${port[direct]}")
      ;;
  esac
}

median() { sort -g "$1" | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

install_peers gcc:gcc
gcc -O2 -o "$work/load" "$root/bench/src/main/c/forwarding_load.c"
mkdir "$cgroup"
echo $$ >"$cgroup/cgroup.procs"
taskset -cp "$cpu" $$ >/dev/null
start_path direct
for path in "${paths[@]}"; do [ "$path" = direct ] || start_path "$path"; done

client() { "$work/load" client 127.0.0.1 "${port[$1]}" $name "${@:2}"; }
for path in "${paths[@]}"; do client "$path" ping 1 100 >/dev/null; done # Warms up what compiles as it runs.
for _ in $(seq "$turns"); do
  for path in "${paths[@]}"; do
    read -r p50 p99 < <(client "$path" ping "$seconds" 100)
    echo "$p50" >>"$work/$path.p50"
    echo "$p99" >>"$work/$path.p99"
    client "$path" bulk "$megabytes" >>"$work/$path.bulk"
  done
done

echo "Linux $(uname -r), processor $cpu of $processors, $turns turns, median; 100 B round trips for $seconds s, $megabytes MB one way."
echo
echo "| path | p50 µs | p99 µs | Gbit/s | p50 to direct | Gbit/s to direct |"
echo "|---|---|---|---|---|---|"
base=$(median "$work/direct.p50") base_bulk=$(median "$work/direct.bulk")
for path in "${paths[@]}"; do
  awk -v path="$path" -v p50="$(median "$work/$path.p50")" -v p99="$(median "$work/$path.p99")" \
    -v bulk="$(median "$work/$path.bulk")" -v base="$base" -v base_bulk="$base_bulk" \
    'BEGIN { printf "| %s | %.1f | %.1f | %.1f | %.2f | %.2f |\n", path, p50, p99, bulk, p50 / base, bulk / base_bulk }'
done
