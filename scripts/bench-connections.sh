#!/bin/bash
# New connections a second through this proxy, HAProxy, nginx and sniproxy, one after the other in one run on one machine: the
# proxy alone on core 0, clients and back end on core 1. Build first: make bench does. SECONDS_EACH, ROUNDS and WARM_UP
# change its length, PAUSE lets others on the machine breathe in between (seconds). Prints a Markdown table.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
# shellcheck source=scripts/bench-peers.sh
. "$root/scripts/bench-peers.sh"
install_peers gcc:gcc
[ "$(nproc)" -ge 2 ] || { echo "needs two processor cores" >&2; exit 1; }

seconds=${SECONDS_EACH:-4} rounds=${ROUNDS:-3} warm_up=${WARM_UP:-12} pause=${PAUSE:-0} parallel=64 name=www.bench.test
back=18440 ours=18441 haproxy=18442 nginx=18443 sniproxy=18444
work=$(mktemp -d)
chmod 755 "$work"
trap 'stop_all; rm -rf "$work"' EXIT

gcc -O2 -o "$work/connection_rate" "$root/bench/src/main/c/connection_rate.c"
load() { taskset -c 1 "$work/connection_rate" load "$1" "$2" $parallel $name; }

start $back taskset -c 1 "$work/connection_rate" serve $back
# The commands are meant to be split into words.
# shellcheck disable=SC2046
start $ours taskset -c 0 $(own_command ours $ours $name $back '{"enabled": false}')
for peer in haproxy nginx sniproxy; do
  # shellcheck disable=SC2046
  start "${!peer}" taskset -c 0 $(peer_command $peer "${!peer}" $name $back)
done

# Lines "proxy second {figures}": the seconds of warming up, which Java needs and everybody gets, and then 0.
for proxy in ours haproxy nginx sniproxy; do
  for second in $(seq "$warm_up"); do
    echo "$proxy $second $(load "${!proxy}" 1)"
    sleep "$pause"
  done
done >"$work/results"

for _ in $(seq "$rounds"); do
  for proxy in ours haproxy nginx sniproxy back; do
    echo "$proxy 0 $(load "${!proxy}" "$seconds")"
    sleep "$pause"
  done
done >>"$work/results"
python3 "$root/scripts/connections-table.py" <"$work/results"
