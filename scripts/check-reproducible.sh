#!/bin/sh
# Builds the current commit twice, in two fresh clones, and compares the jars.
set -eu
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for build in first second; do
  git clone -q "$root" "$work/$build"
  make -s -C "$work/$build" build >/dev/null
  sha256sum <"$work/$build/app/target/sni-proxy.jar" | cut -d ' ' -f 1 >"$work/$build.sha256"
done
if ! cmp -s "$work/first.sha256" "$work/second.sha256"; then
  echo "Two builds of $(git -C "$root" rev-parse --short HEAD) differ:" >&2
  diff -rq "$work/first/app/target/classes" "$work/second/app/target/classes" >&2 || true
  exit 1
fi
echo "sni-proxy.jar $(cat "$work/first.sha256")"
