#!/bin/sh
# Prints the home of a JDK >= 25: JAVA_HOME first, then the usual places. Says what to install where there is none.
# usage: find-jdk.sh [jre]   ("jre": a run-time without javac is enough)
# JDK_PLACES: folders of JDKs to look at instead of the usual ones, separated by spaces.
want=25
need=javac
[ "${1:-}" = jre ] && need=java

major() {
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}

fits() {
  [ -x "$1/bin/$need" ] || return 1
  found=$(major "$1")
  [ -n "$found" ] && [ "$found" -ge "$want" ]
}

on_path=$(command -v "$need" 2>/dev/null) && on_path=$(readlink -f "$on_path") && on_path=${on_path%/bin/*}

usual="/usr/lib/jvm/* $HOME/.sdkman/candidates/java/* $HOME/.jdks/* /opt/*jdk* /opt/java/* /usr/java/*
  /Library/Java/JavaVirtualMachines/*/Contents/Home"

# The places are patterns: they are meant to be split and expanded.
# shellcheck disable=SC2086
for home in "${JAVA_HOME:-}" "$on_path" ${JDK_PLACES-$usual}; do
  [ -n "$home" ] || continue
  if fits "$home"; then
    echo "$home"
    exit 0
  fi
done

cat >&2 <<TEXT
No JDK $want or later found (looked at JAVA_HOME=${JAVA_HOME:-<unset>}, PATH, /usr/lib/jvm, ~/.sdkman, ~/.jdks, /opt).
Install one, for example the Debian package temurin-$want-jdk or openjdk-$want-jdk, or set JAVA_HOME to it.
TEXT
exit 1
