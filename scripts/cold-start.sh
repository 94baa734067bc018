#!/bin/sh
# How long a fresh JVM takes until all kernel programs are in the kernel: with what the build compiled, as the proxy
# does, and compiled anew; with and without an AOT cache. Builds what it needs. Needs root.
# usage: cold-start.sh [ROUNDS]
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
home=$("$root/scripts/find-jdk.sh" jre)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$root/mvnw" -f "$root/pom.xml" -B -ntp -q package -pl bench -am -DskipTests -Pbenchmarks

# What the JVM itself needs, from the start of the process to its end.
bare() {
  begin=$(date +%s%N)
  "$home/bin/java" -version >/dev/null 2>&1
  echo $((($(date +%s%N) - begin) / 1000000))
}

# The jars of the modules: the proxy's own jar has 16,000 entries, whose index a start reads whatever it does then.
jars=$(for module in bpf compiler kernel bench; do printf '%s:' "$root/$module/target/$module"-[0-9]*[0-9T].jar; done)

# run OPTION ARGUMENT: both may be empty. The collector that suits a small machine, and no second compiler.
run() {
  "$home/bin/java" --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -XX:TieredStopAtLevel=1 ${1:+"$1"} \
    -cp "$jars" net.sniproxy.bench.ColdStart ${2:+"$2"}
}

for what in "" anew; do
  run -XX:AOTCacheOutput="$work/cold$what.aot" "$what" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
done
for _ in $(seq "${1:-5}"); do
  echo "bare JVM:             $(bare) ms"
  echo "without cache:        $(run "" "")"
  echo "with AOT cache:       $(run -XX:AOTCache="$work/cold.aot" "")"
  echo "anew, without cache:  $(run "" anew)"
  echo "anew, with AOT cache: $(run -XX:AOTCache="$work/coldanew.aot" anew)"
done
