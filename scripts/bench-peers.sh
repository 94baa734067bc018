# shellcheck shell=bash
# For the benchmarks, to be sourced: the other SNI proxies, on 127.0.0.1, one thread each, everything for one name to one back
# end. Wants $root and an existing folder $work; what is started is in $pids, for the caller to stop.
PATH=$PATH:/usr/sbin:/sbin
pids=()

# Installs HAProxy, nginx with its stream module, sniproxy, and the programs that are given as for install-test-tools.sh.
install_peers() {
  "$root/scripts/install-test-tools.sh" haproxy:haproxy sniproxy:sniproxy taskset:util-linux \
    /usr/lib/nginx/modules/ngx_stream_module.so:libnginx-mod-stream "$@"
}

# Starts COMMAND... in the background, and waits until something listens on PORT.
start() { # PORT COMMAND...
  local port=$1
  shift
  "$@" >"$work/log.$port" 2>&1 &
  pids+=($!)
  for _ in $(seq 300); do
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
    sleep 0.1
  done
  echo "nobody listens on port $port:" >&2
  cat "$work/log.$port" >&2
  return 1
}

stop_all() {
  [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
}

# Prints how to start one of haproxy, nginx, sniproxy; writes its configuration.
peer_command() { # PEER PORT NAME BACK_END_PORT
  local peer=$1 port=$2 name=$3 back=$4
  case $peer in
    haproxy)
      # Two descriptors a connection; more than the limit allows keeps it from starting.
      cat >"$work/haproxy.cfg" <<END
global
  nbthread 1
  maxconn $((($(ulimit -Hn) - 200) / 2))
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
frontend tls
  bind 127.0.0.1:$port
  tcp-request inspect-delay 5s
  tcp-request content accept if { req.ssl_hello_type 1 }
  use_backend bench if { req.ssl_sni -i $name }
backend bench
  server one 127.0.0.1:$back
END
      echo haproxy -db -f "$work/haproxy.cfg"
      ;;
    nginx)
      cat >"$work/nginx.conf" <<END
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
worker_processes 1;
worker_rlimit_nofile $(ulimit -Hn);
pid $work/nginx.pid;
error_log $work/nginx.log;
events { worker_connections $(ulimit -Hn); }
stream {
  map \$ssl_preread_server_name \$chosen { $name 127.0.0.1:$back; }
  server { listen 127.0.0.1:$port backlog=4096; ssl_preread on; proxy_pass \$chosen; }
}
END
      echo nginx -p "$work" -c "$work/nginx.conf"
      ;;
    sniproxy)
      cat >"$work/sniproxy.conf" <<END
user root
pidfile $work/sniproxy.pid
error_log {
  filename $work/sniproxy.log
}
listener 127.0.0.1:$port {
  protocol tls
  table bench
}
table bench {
  $name 127.0.0.1:$back
}
END
      echo sniproxy -f -c "$work/sniproxy.conf"
      ;;
    *) echo "unknown proxy: $peer" >&2 && return 2 ;;
  esac
}

# Prints how to start this proxy; writes its configuration.
own_command() { # LABEL PORT NAME BACK_END_PORT EBPF
  cat >"$work/$1.json" <<END
{"listen_addr": "127.0.0.1:$2", "deny_private_upstreams": false, "log": {"level": "warn"},
 "routes": [{"match": "$3", "upstream": "127.0.0.1:$4"}], "ebpf": $5}
END
  echo "$root/sni-proxy" run -c "$work/$1.json"
}
