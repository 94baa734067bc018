#!/bin/bash
# Makes what is given to others, in target/dist:
#   sni-proxy/                          a self-contained image: bin/sni-proxy, with its own Java runtime
#   sni-proxy-VERSION-linux-ARCH.tar.gz the same in one file
#   sni-proxy_VERSION_ARCH.deb          the same as a Debian package, with user, unit and configuration
# and tries the image. Needs app/target/sni-proxy.jar (make dist builds it). Two runs on one commit give the same files, but
# for lib/sni-proxy.aot, which the Java virtual machine writes anew.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
jdk=$("$root/scripts/find-jdk.sh")
dist=$root/target/dist
image=$dist/sni-proxy
jar=$root/app/target/sni-proxy.jar
# As in the jar: see project.build.outputTimestamp.
epoch=@$(date -u -d 2026-01-01T00:00:00Z +%s)
export SOURCE_DATE_EPOCH=${epoch#@}

# jlink strips its libraries with objcopy, and the cache is made with connections of openssl.
for tool in objcopy:binutils openssl:openssl; do
  command -v "${tool%:*}" >/dev/null || { echo "make dist needs ${tool%:*}: apt install ${tool#*:}" >&2; exit 1; }
done

# What the jar's classes name, but for what only unused parts of libraries name: desktop and SQL.
modules() {
  "$jdk/bin/jdeps" --ignore-missing-deps --multi-release 25 --print-module-deps "$jar" |
    tr , '\n' | grep -vxE 'java.desktop|java.sql' | paste -sd , -
}

runtime() {
  "$jdk/bin/jlink" --add-modules "$(modules),java.xml,jdk.crypto.ec" --strip-debug --no-man-pages --no-header-files \
    --compress zip-6 --output "$image/lib/runtime"
}

# Everything gets one time before the cache is made: the cache is for files of a certain size and time.
same_times() {
  find "$1" -exec touch --no-dereference --date="$epoch" {} +
}

try_out() {
  "$image/bin/sni-proxy" version
  "$image/bin/sni-proxy" doctor | tail -n 1
  "$image/bin/sni-proxy" demo --once --listen 127.0.0.1:0 | grep -E '^(name|[a-z.]+\.demo\.test)'
  "$image/bin/sni-proxy" check -c "$root/packaging/config.json"
  # Fails where the cache is not for this jar and this runtime; without this option Java would go on in silence.
  SNIPROXY_JAVA_OPTS=-XX:AOTMode=on "$image/bin/sni-proxy" version >/dev/null
}

archive() {
  tar --create --sort=name --mtime="$epoch" --owner=0 --group=0 --numeric-owner --directory="$dist" sni-proxy |
    gzip -n >"$dist/sni-proxy-$version-linux-$(uname -m).tar.gz"
}

debian_package() {
  local tree=$dist/debian architecture
  architecture=$(dpkg --print-architecture)
  mkdir -p "$tree/DEBIAN" "$tree/usr/lib/systemd/system" "$tree/usr/bin" "$tree/etc/sni-proxy" \
    "$tree/usr/share/doc/sni-proxy"
  cp -a "$image" "$tree/usr/lib/sni-proxy"
  ln -s ../lib/sni-proxy/bin/sni-proxy "$tree/usr/bin/sni-proxy"
  install -m 644 "$root/packaging/systemd/sni-proxy.service" "$tree/usr/lib/systemd/system/"
  install -m 644 "$root/packaging/config.json" "$tree/etc/sni-proxy/"
  install -m 644 "$root/LICENSE" "$tree/usr/share/doc/sni-proxy/copyright"
  install -m 644 "$root/README.md" "$root/CHANGELOG.md" "$tree/usr/share/doc/sni-proxy/"
  install -m 755 "$root"/packaging/debian/{postinst,prerm,postrm} "$tree/DEBIAN/"
  install -m 644 "$root/packaging/debian/conffiles" "$tree/DEBIAN/"
  # A Debian version calls "~" what is before a release.
  sed -e "s/@VERSION@/${version/-/\~}/" -e "s/@ARCHITECTURE@/$architecture/" \
    -e "s/@SIZE@/$(du -sk "$tree" | cut -f 1)/" "$root/packaging/debian/control" >"$tree/DEBIAN/control"
  same_times "$tree"
  dpkg-deb --root-owner-group -Zgzip --build "$tree" "$dist/sni-proxy_${version/-/\~}_$architecture.deb" >/dev/null
  rm -r "$tree"
}

rm -rf "$dist"
mkdir -p "$image/bin" "$image/lib"
version=$("$jdk/bin/java" -jar "$jar" version | cut -d ' ' -f 2)
runtime
cp "$jar" "$image/lib/sni-proxy.jar"
install -m 755 "$root/packaging/sni-proxy" "$image/bin/sni-proxy"
install -m 644 "$root/packaging/java.options" "$image/lib/"
cp "$root/LICENSE" "$root/README.md" "$image/"
same_times "$image"
"$root/scripts/train.sh" "$image/lib/runtime" "$image/lib/sni-proxy.jar" "$image/lib/sni-proxy.aot"
touch --date="$epoch" "$image/lib/sni-proxy.aot"
try_out
archive
if command -v dpkg-deb >/dev/null; then
  debian_package
  if [ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null; then
    "$root/scripts/check-package.sh" "$dist"/*.deb
  else
    echo "the package was not tried out: that needs root (scripts/check-package.sh)" >&2
  fi
else
  echo "no .deb: dpkg-deb is not here" >&2
fi
(cd "$dist" && du -sh sni-proxy ./*.tar.gz ./*.deb 2>/dev/null)
