#!/bin/bash
# Runs every benchmark beside its baseline and puts what they print into bench/report: report.md with charts, report.json.
# usage: scripts/bench-report.sh [short]
#   short: a little of each, in less than a minute, to see that all of them run; its figures mean little
# Build first: make bench does. One that fails is named in the report, the others go on, and the exit code is 1.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
report=$root/bench/report
effort=${1:-full}
mkdir -p "$report"
sections=()
failed=0

section() { # NAME TITLE COMMAND...
  local name=$1 title=$2
  shift 2
  echo "== $title"
  if "$@" >"$report/$name.out" 2>"$report/$name.log"; then
    # What writes its page itself prints something else.
    [ "$name" = network ] || mv "$report/$name.out" "$report/$name.md"
  else
    failed=1
    { echo "**Failed:**"; echo '```'; tail -5 "$report/$name.log"; echo '```'; } | tee "$report/$name.md"
  fi
  sections+=("$name=$title")
}

plain() { # COMMAND...: what is no table is shown as it is
  echo '```'
  "$@"
  echo '```'
}

# What JMH prints at its end, of few iterations: make bench ARGS=… for more.
jmh() {
  "$root/scripts/bench.sh" -f 1 -wi 2 -w 1 -i 3 -r 1 >&2
  sed -n '/^Benchmark /,$p' "$report/jmh.txt" | grep .
}

export CLASS_PATH=$root/bench/target/classes:$root/app/target/sni-proxy.jar OUT=$report EFFORT=$effort
if [ "$effort" = short ]; then
  export ROUNDS=1 SECONDS_EACH=1 WARM_UP=1 TURNS=1 MEGABYTES=50 COUNT=300 FLOWS=10000
fi
section network "Connections that cross a network" "$root/scripts/bench-network.sh"
section forwarding "Connections between processes of one host" "$root/scripts/bench-forwarding.sh"
section connections "New connections, and how long each takes while they come and go" "$root/scripts/bench-connections.sh"
section idle "Memory of idle connections" "$root/scripts/bench-idle.sh"
section flows "Spliced connections, from a thousand to a million: a packet's time, and memory" \
  "$root/scripts/bench-flows.sh" "${FLOWS:-1000000}"
section flood "What a client notices of a SYN flood, with the source filter and without" "$root/scripts/bench-flood.sh"
if [ "$effort" != short ]; then
  section filter "The source filter beside xdp-filter" plain "$root/scripts/compare-filter.sh"
  section maps "Calls of maps from Java beside C" plain "$root/scripts/bench-map-calls.sh"
  section cold "Cold start of the kernel programs" plain "$root/scripts/cold-start.sh"
  section jmh "JMH" plain jmh
fi

introduction="One run on $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(nproc) cores, Linux $(uname -r), \
$(date -u +%F), load $(cut -d ' ' -f 1 /proc/loadavg) at its end ($effort). Compare the ratios within a table, not figures of different machines."
"$("$root/scripts/find-jdk.sh" jre)/bin/java" -cp "$root/bench/target/classes:$root/app/target/sni-proxy.jar" \
  net.sniproxy.bench.report.Report "$report" "$introduction" "${sections[@]}"
echo "bench/report/report.md"
exit $failed
