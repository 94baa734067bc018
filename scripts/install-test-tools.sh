#!/bin/bash
# Makes sure that every program the tests call is here: installs what is missing when it may, else names it and fails.
# More of them can be given as arguments, program:package or file:package.
set -euo pipefail

# program:Debian package
tools=(curl:curl openssl:openssl nginx:nginx danted:dante-server dnsmasq:dnsmasq-base ip:iproute2 bpftool:bpftool
  setpriv:util-linux tcpdump:tcpdump ethtool:ethtool gcc:gcc readelf:binutils
  systemd-analyze:systemd script:bsdutils python3:python3-minimal)

tools+=("$@")

PATH=$PATH:/usr/sbin:/sbin

missing() {
  for tool in "${tools[@]}"; do
    command -v "${tool%%:*}" >/dev/null || [ -e "${tool%%:*}" ] || echo "${tool##*:}"
  done
}

packages=$(missing)
[ -z "$packages" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing for the tests:" $packages
  export DEBIAN_FRONTEND=noninteractive
  # The tests start their own servers: no package may start one.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod +x $policy
    trap 'rm -f $policy' EXIT
  fi
  apt-get -qq update
  # shellcheck disable=SC2086
  apt-get -qq install -y --no-install-recommends $packages >/dev/null
fi

packages=$(missing)
if [ -n "$packages" ]; then
  echo "The tests need these Debian packages:" $packages >&2
  echo "Install them (apt install ...) and run again." >&2
  exit 1
fi
