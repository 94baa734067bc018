#!/bin/bash
# Runs kernel tests under other kernels: boots Debian's kernel packages in qemu (software emulation, no KVM needed) over this
# machine's own files, which the guest sees read-only below a file system in memory.
# usage: scripts/vm.sh [KERNEL...]      kernels: the beginning of a version, 6.1 and 6.12 where none is given
# Environment: TESTS (a file such as scripts/vm/tests.txt, which is the default), MEMORY (3G), DEADLINE (seconds for each
#   kernel, 5400), QEMU_CPU (max)
# What each kernel shows goes to target/vm/KERNEL.log: what the doctor says there, and each test's result; a table of test
# classes is printed at the end. Exit code 1: a test failed somewhere.
# Needs root for the packages; downloads a kernel package (70 to 110 MB) for each kernel, once.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
kernels=("$@")
[ $# -gt 0 ] || kernels=(6.1 6.12)
PATH=$PATH:/usr/sbin:/sbin
work=$root/target/vm
mkdir -p "$work"

"$root/scripts/install-test-tools.sh" qemu-system-x86_64:qemu-system-x86 /usr/share/seabios/bios-256k.bin:seabios \
  /bin/busybox:busybox-static cpio:cpio modprobe:kmod xz:xz-utils

# Prints the newest package of a kernel, the ordinary flavour: the one for clouds cannot share files.
package_of() {
  local escaped=${1//./\\.}
  apt-cache search --names-only "^linux-image-$escaped[.-][0-9].*-amd64\$" | cut -d ' ' -f 1 |
    grep -vE -- '-(rt|cloud)-|-unsigned|-dbg' | sort -V | tail -1
}

# Downloads and unpacks a kernel into target/vm/KERNEL.
unpack() {
  local kernel=$1 tree=$work/$1 package
  [ -e "$tree/lib" ] && return
  package=$(package_of "$kernel")
  [ -n "$package" ] || { echo "no Debian package of kernel $kernel (apt-get update?)" >&2; return 1; }
  echo "$kernel: $package"
  mkdir -p "$tree/new"
  (cd "$tree/new" && apt-get -qq -o APT::Sandbox::User=root download "$package" && dpkg -x ./*.deb . && rm ./*.deb)
  depmod -b "$tree/new" "$(basename "$tree"/new/lib/modules/*)"
  mv "$tree"/new/* "$tree/"
}

# Makes the first file system of a kernel: a shell, and the modules that are needed to see the host's files.
first_files() {
  local tree=$work/$1 version files=$work/$1/first module file
  version=$(basename "$tree"/lib/modules/*)
  rm -rf "$files"
  mkdir -p "$files/bin" "$files/modules"
  cp /bin/busybox "$files/bin/"
  install -m 755 "$root/scripts/vm/init.sh" "$files/init"
  # In the order in which they have to be loaded; "builtin" are already there.
  for module in virtio_pci 9pnet_virtio 9p overlay; do
    modprobe -d "$tree" -S "$version" --show-depends "$module"
  done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
    cp "$file" "$files/modules/"
    file=$files/modules/$(basename "$file")
    case $file in *.xz) unxz -f "$file" ;; esac
    basename "${file%.xz}" >>"$files/modules/order"
  done
  (cd "$files" && find . | cpio -o -H newc --quiet) | gzip >"$tree/initramfs"
}

# Builds, and copies what was built: work may go on here meanwhile. The guest sees the copy where this checkout is, with the
# class path of every module's tests as Maven sees it.
build() {
  local junit
  junit=$(sed -n 's/.*<junit.version>5\.\(.*\)<.*/1.\1/p' "$root/pom.xml")
  (cd "$root" && ./mvnw -B -ntp -q -pl bench,e2e -am test-compile \
    org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath -Dmdep.includeScope=test \
    -Dmdep.outputFile=target/class-path)
  (cd "$root" && ./mvnw -B -ntp -q -N org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy \
    -Dartifact="org.junit.platform:junit-platform-console-standalone:$junit" -DoutputDirectory=target/vm)
  rm -rf "$work/checkout"
  mkdir "$work/checkout"
  tar -C "$root" --exclude=./.git --exclude=./target -c . | tar -C "$work/checkout" -x
  mkdir -p "$work/checkout/target/vm"
}

# Boots a kernel; its log ends when it has run the tests, or when the time is over.
boot() {
  local kernel=$1 tree=$work/$1
  cp "${TESTS:-$root/scripts/vm/tests.txt}" "$tree/tests.txt"
  nice -n 5 timeout --foreground "${DEADLINE:-5400}" qemu-system-x86_64 -machine q35,accel=tcg -cpu "${QEMU_CPU:-max}" -smp 2 \
    -m "${MEMORY:-3G}" -display none -monitor none -serial "file:$work/$kernel.log" -no-reboot \
    -kernel "$tree"/boot/vmlinuz-* -initrd "$tree/initramfs" \
    -append "console=ttyS0 quiet panic=-1 sniproxy.root=$root sniproxy.vm=$work sniproxy.kernel=$kernel" \
    -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap </dev/null || true
  tr -d '\r' <"$work/$kernel.log" >"$work/$kernel.log.new" && mv "$work/$kernel.log.new" "$work/$kernel.log"
}

# Reads results, a line each ("JUnit Jupiter > Class > test :: SUCCESSFUL"), and prints a table of classes.
by_class() {
  awk -F ' > ' '/ :: (SUCCESSFUL|FAILED|SKIPPED)$/ {
      class = $2
      sub(/ :: .*/, "", class)
      if (!(class in seen)) { seen[class] = 1; order[++classes] = class }
      result[class, $NF ~ /SUCCESSFUL$/ ? "passed" : $NF ~ /FAILED$/ ? "failed" : "skipped"]++
    }
    END {
      printf "%-32s %7s %7s %7s\n", "class", "passed", "failed", "skipped"
      for (i = 1; i <= classes; i++)
        printf "%-32s %7d %7d %7d\n", order[i], result[order[i], "passed"], result[order[i], "failed"],
          result[order[i], "skipped"]
    }'
}

# Prints what a kernel showed; fails if a test failed, or not all came to their end.
summary() {
  local log=$work/$1.log
  echo "== $(sed -n 's/^vm: kernel \([0-9].*\)/\1/p' "$log")"
  by_class <"$log"
  grep -E ':: FAILED$' "$log" || true
  grep -E '^vm: module .* ended' "$log" || true
  sed -n '/^vm: kernel log/,/^vm: done/p' "$log" | sed '1d;$d'
  echo "$(grep -c ':: SUCCESSFUL$' "$log" || true) passed, $(grep -c ':: FAILED$' "$log" || true) failed," \
    "$(grep -c ':: SKIPPED' "$log" || true) skipped"
  grep -q '^vm: done' "$log" || { echo "did not come to its end"; return 1; }
  ! grep -qE ':: FAILED$|ended with [1-9]' "$log"
}

build
failed=0
for kernel in "${kernels[@]}"; do
  unpack "$kernel"
  first_files "$kernel"
  boot "$kernel"
  summary "$kernel" || failed=1
done
exit $failed
