#!/bin/bash
# Installs a Debian package into a copy of this system, runs what it installed as its user, removes it, and looks whether
# anything stayed. This system is not changed: all is written to an overlay in memory. Needs root.
# usage: check-package.sh FILE.deb
set -euo pipefail
package=$(readlink -f "$1")

if [ "${2:-}" != inside ]; then
  exec unshare --mount --pid --fork "$0" "$package" inside
fi

# From here on in mount and process namespaces of our own, which end with this script.
copy=$(mktemp -d)
trap 'umount -l "$copy"; rmdir "$copy"' EXIT
mount -t tmpfs tmpfs "$copy"
mkdir "$copy"/{changes,work,root}
mount -t overlay overlay -o "lowerdir=/,upperdir=$copy/changes,workdir=$copy/work" "$copy/root"
mount -t proc proc "$copy/root/proc"
mount --rbind /dev "$copy/root/dev"
mount --rbind /sys "$copy/root/sys"
mount -t tmpfs tmpfs "$copy/root/run"
cp "$package" "$copy/root/package.deb"

chroot "$copy/root" /bin/bash -euo pipefail <<'INSIDE'
export PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
dpkg --install /package.deb >/dev/null
as_user=(setpriv --reuid=sni-proxy --regid=sni-proxy --init-groups --inh-caps=-all --bounding-set=-all --no-new-privs)
"${as_user[@]}" sni-proxy version
"${as_user[@]}" sni-proxy check -c /etc/sni-proxy/config.json
"${as_user[@]}" sni-proxy demo --once --listen 127.0.0.1:0 | grep -c ' yes$' | grep -qx 4
test -f /usr/lib/systemd/system/sni-proxy.service
dpkg --purge sni-proxy >/dev/null 2>&1
for left in /usr/lib/sni-proxy /usr/bin/sni-proxy /etc/sni-proxy /usr/lib/systemd/system/sni-proxy.service; do
  if [ -e "$left" ]; then
    echo "the package leaves $left behind" >&2
    exit 1
  fi
done
INSIDE
echo "installed, run as its user, and removed without a trace: $(basename "$package")"
