#!/bin/bash
# Runs the tests that docs/abuse.md names, prints what each scenario came to on each data path, and ends with 1 if one failed.
# usage: scripts/abuse.sh [NUMBER...]    only these scenarios
# Environment: SOAK, seconds of the soak test (120)
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
numbers=${*:-$(seq 1 99)}
rows=$(grep -E "^\| ($(tr -s ' \n' '|' <<<"$numbers" | sed 's/|$//')) \|" "$root/docs/abuse.md") ||
  { echo "no such scenario in docs/abuse.md: $*" >&2; exit 2; }
tests=$(grep -oE '`[A-Za-z]+Test\.[A-Za-z]+`' <<<"$rows" | tr -d '`' | tr . '#' | sort -u | paste -sd ,)
[ -n "$tests" ] || { echo "no test shows this yet" >&2; exit 1; }
"$root/scripts/install-test-tools.sh"
rm -f "$root/e2e/target/abuse.md"
cd "$root"
./mvnw -B -ntp test -pl e2e -am -Dtest="$tests" -Dsurefire.failIfNoSpecifiedTests=false \
  -Dsoak.seconds="${SOAK:-120}" && failed=0 || failed=$?
[ -e e2e/target/abuse.md ] && cat e2e/target/abuse.md
exit "$failed"
