#!/bin/bash
# Runs in the guest: one JVM for each module, every test's result on a line.
# usage: tests.sh ROOT WORK KERNEL
root=$1
work=$2
selection=$work/$3/tests.txt
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
ulimit -n 20000
ip link set lo up
hostname guest
mount -t bpf bpf /sys/fs/bpf
mount -t cgroup2 cgroup /sys/fs/cgroup
mount -t tracefs trace /sys/kernel/tracing
home=$("$root/scripts/find-jdk.sh" jre)
launcher=$(echo "$work"/junit-platform-console-standalone-*.jar)

echo "vm: kernel $(uname -r)"
echo "vm: doctor"
"$home/bin/java" --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
  -cp "$(cat "$root/e2e/target/class-path")" net.sniproxy.app.Main doctor 2>&1
mapfile -t modules < <(grep -v '^#' "$selection" | cut -d ' ' -f 1 | uniq)
for module in "${modules[@]}"; do
  mapfile -t selectors < <(sed -n "s/^$module //p" "$selection")
  cd "$root/$module" || exit 1
  echo "vm: module $module"
  # With every compiler of the JVM, however slow that is here: one test counts what is left when allocations are optimized away.
  "$home/bin/java" --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -De2e.patience=10 \
    -cp "$launcher:target/test-classes:target/classes:$(cat target/class-path)" \
    org.junit.platform.console.ConsoleLauncher execute --disable-banner --disable-ansi-colors --details=testfeed \
    "${selectors[@]}" 2>&1 | grep -v "SLF4J(W)"
  echo "vm: module $module ended with ${PIPESTATUS[0]}, $(cut -d . -f 1 /proc/uptime) s after the start"
done
echo "vm: kernel log"
dmesg | grep -E 'WARNING|BUG|Oops|Call Trace' || echo "vm: kernel log clean"
echo "vm: done"
sync
echo o >/proc/sysrq-trigger
sleep 60
