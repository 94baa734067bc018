#!/bin/sh
# Runs the JMH benchmarks of module bench. What is given is passed to JMH: a pattern of names, -f 1 -wi 1 -i 1, ...
# The figures go to bench/report/: jmh.txt as printed, jmh.json for machines. Build first: make bench does.
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
home=$("$root/scripts/find-jdk.sh" jre)
report=$root/bench/report
mkdir -p "$report"
# JMH uses sun.misc.Unsafe: the warnings of that would stand between the figures.
"$home/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -jar "$root/bench/target/benchmarks.jar" \
  -rf json -rff "$report/jmh.json" "$@" >"$report/jmh.txt" 2>&1 && failed=0 || failed=$?
cat "$report/jmh.txt"
exit $failed
