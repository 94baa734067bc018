#!/bin/bash
# New connections a second through this proxy, HAProxy, nginx and sniproxy, one after the other in one run on one machine: the
# proxy alone on core 0, clients and back end on core 1. Build first: make bench does. SECONDS_EACH, ROUNDS and WARM_UP
# change its length, PAUSE lets others on the machine breathe in between (seconds).
# Prints a Markdown table, which also goes to bench/report/connections.md.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
"$root/scripts/install-test-tools.sh" haproxy:haproxy sniproxy:sniproxy taskset:util-linux \
  /usr/lib/nginx/modules/ngx_stream_module.so:libnginx-mod-stream
[ "$(nproc)" -ge 2 ] || { echo "needs two processor cores" >&2; exit 1; }

PATH=$PATH:/usr/sbin:/sbin
seconds=${SECONDS_EACH:-4} rounds=${ROUNDS:-3} warm_up=${WARM_UP:-12} pause=${PAUSE:-0} parallel=64 name=www.bench.test
back=18440 ours=18441 haproxy=18442 nginx=18443 sniproxy=18444
report=$root/bench/report
work=$(mktemp -d)
chmod 755 "$work"
mkdir -p "$report"
pids=()
finish() {
  [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap finish EXIT

start() { # CORE COMMAND...
  local core=$1
  shift
  taskset -c "$core" "$@" >>"$work/log" 2>&1 &
  pids+=($!)
}

gcc -O2 -o "$work/connection_rate" "$root/bench/src/main/c/connection_rate.c"
load() { taskset -c 1 "$work/connection_rate" load "$1" "$2" $parallel $name; }

cat >"$work/sni-proxy.json" <<END
{"listen_addr": "127.0.0.1:$ours", "log": {"level": "warn"}, "ebpf": {"enabled": false},
 "routes": [{"match": "$name", "upstream": "127.0.0.1:$back"}]}
END
cat >"$work/haproxy.cfg" <<END
global
  nbthread 1
  maxconn 8000
defaults
  mode tcp
  timeout connect 5s
  timeout client 1m
  timeout server 1m
frontend tls
  bind 127.0.0.1:$haproxy
  tcp-request inspect-delay 5s
  tcp-request content accept if { req_ssl_hello_type 1 }
  use_backend bench if { req_ssl_sni -i $name }
backend bench
  server one 127.0.0.1:$back
END
cat >"$work/nginx.conf" <<END
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
worker_processes 1;
pid $work/nginx.pid;
error_log $work/nginx.log;
events { worker_connections 8192; }
stream {
  map \$ssl_preread_server_name \$chosen { $name 127.0.0.1:$back; }
  server { listen 127.0.0.1:$nginx backlog=4096; ssl_preread on; proxy_pass \$chosen; }
}
END
cat >"$work/sniproxy.conf" <<END
user root
pidfile $work/sniproxy.pid
error_log {
  filename $work/sniproxy.log
}
listen 127.0.0.1:$sniproxy {
  proto tls
  table bench
}
table bench {
  $name 127.0.0.1:$back
}
END

start 1 "$work/connection_rate" serve $back
start 0 "$root/sni-proxy" run -c "$work/sni-proxy.json"
start 0 haproxy -db -f "$work/haproxy.cfg"
start 0 nginx -c "$work/nginx.conf"
start 0 sniproxy -f -c "$work/sniproxy.conf"

for port in $back $ours $haproxy $nginx $sniproxy; do
  for _ in $(seq 300); do
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue 2
    sleep 0.1
  done
  echo "nobody listens on port $port:" >&2
  cat "$work/log" >&2
  exit 1
done

# Java compiles what it has seen run; the others get a short one for their caches.
for _ in $(seq "$warm_up"); do
  load $ours 1 >/dev/null
  sleep "$pause"
done
for port in $haproxy $nginx $sniproxy; do load $port 1 >/dev/null; done

for round in $(seq "$rounds"); do
  for proxy in ours haproxy nginx sniproxy back; do
    echo "$proxy $(load "${!proxy}" "$seconds")"
    sleep "$pause"
  done
done >"$work/results"
python3 "$root/scripts/connections-table.py" <"$work/results" | tee "$report/connections.md"
