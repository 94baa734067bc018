#!/bin/bash
# Writes an AOT cache for one jar and one Java: what a proxy does that starts, forwards connections for a few seconds and ends goes
# into it. That is its classes as they are after loading (run by root, also those that load the kernel programs), and which of its
# methods are hot, so that the compiler need not find out again. On 127.0.0.1; the load is that of "sni-proxy bench".
# usage: train.sh JAVA_HOME JAR CACHE
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
java=$1/bin/java jar=$(readlink -f "$2") cache=$3
work=$(mktemp -d)
pids=()
stop() {
  [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap stop EXIT

# Waits until a file has a line with a text: await FILE TEXT
await() {
  for _ in $(seq 600); do
    grep -qs "$2" "$1" && return
    sleep 0.1
  done
  echo "no \"$2\" in the training's $(basename "$1"):" >&2
  cat "$1" >&2
  exit 1
}

# The back end serves until its input ends.
mkfifo "$work/input"
"$java" -jar "$jar" bench serve 127.0.0.1 <>"$work/input" >"$work/server" 2>&1 &
pids+=($!)
await "$work/server" '^[0-9]*$'
cat >"$work/config.json" <<JSON
{"listen_addr": "127.0.0.1:0", "routes": [{"match": "bench.test", "upstream": "127.0.0.1:$(cat "$work/server")"}],
 "deny_private_upstreams": false, "admin_socket": "$work/admin", "ebpf": {"splice": {"pin": "/sys/fs/bpf/sni-proxy-train-$$"}}}
JSON
"$java" "@$root/packaging/java.options" -XX:AOTCacheOutput="$cache" -jar "$jar" run -c "$work/config.json" >"$work/log" 2>&1 &
proxy=$!
pids+=("$proxy")
await "$work/log" " listens on "
await "$work/log" "splice\(: ready\| is not available\)"
port=$(sed -n 's/.* listens on 127.0.0.1:\([0-9]*\)$/\1/p' "$work/log")
"$java" -jar "$jar" bench load --orderly 127.0.0.1 "$port" 1000 >/dev/null
kill "$proxy"
wait "$proxy"
