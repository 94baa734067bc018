#!/bin/bash
# Builds packaging/docker/Dockerfile and runs what it made, without a registry of images: the systems to build and to run in are
# made here, from Debian's packages and this machine's JDK. Tries it without root, and as the DaemonSet runs it: root with a few
# capabilities that becomes user 65532, a read-only file system, no new privileges.
# usage: scripts/check-container.sh
# Needs root and 3 GB below target/container, which is removed at the end. Installs podman, runc and debootstrap if missing.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
work=$root/target/container
"$root/scripts/install-test-tools.sh" podman:podman runc:runc conmon:conmon debootstrap:debootstrap
jdk=$("$root/scripts/find-jdk.sh")
# The system's own images and containers are not touched. runc runs also where cgroup v1 and v2 are both mounted.
container() {
  TMPDIR=$work/tmp podman --root "$work/storage" --runroot "$work/run" --runtime "$(command -v runc)" "$@"
}
name=sni-proxy-check-$$
# podman would ask for more descriptors and processes than a limited machine may give.
limits=(--ulimit "nofile=$(ulimit -Hn):$(ulimit -Hn)" --ulimit nproc=10000:10000)

clean_up() {
  container rm --force --time 5 "$name" >/dev/null 2>&1 || true
  container unmount --all >/dev/null 2>&1 || true
  if mountpoint -q "$work/pins"; then umount "$work/pins"; fi
  rm -rf "$work"
}
trap clean_up EXIT
rm -rf "$work"
mkdir -p "$work/tmp" "$work/pins"

# This machine's own way to Debian's packages: the same in the container. Systems have one kind of file or the other.
sources=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null || true)
mirror=${MIRROR:-$(sed -n -e 's/^URIs: *//p' -e 's/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' <<<"$sources" | head -1)}
[ -n "$mirror" ] || { echo "no mirror of Debian packages in /etc/apt: name one by MIRROR=http://…/debian" >&2; exit 1; }
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
echo "== a system of $release"
debootstrap --variant=minbase --include=ca-certificates "$release" "$work/system" "$mirror" >"$work/debootstrap.log" ||
  { tail -n 20 "$work/debootstrap.log" >&2; exit 1; }
tar -C "$work/system" -c . | container import --quiet - localhost/system:run
mkdir -p "$work/system/opt/java"
cp -a "$jdk" "$work/system/opt/java/openjdk"
tar -C "$work/system" -c . | container import --quiet --change "ENV JAVA_HOME=/opt/java/openjdk" - localhost/system:build

echo "== the image"
# The host's network and Maven repository: what was fetched once is not fetched again.
container build --network host --volume "$HOME/.m2:/root/.m2" --build-arg BUILD_IMAGE=localhost/system:build \
  --build-arg RUN_IMAGE=localhost/system:run --file "$root/packaging/docker/Dockerfile" --tag sni-proxy "$root"

echo "== without root"
container run --rm "${limits[@]}" --network none sni-proxy version
container run --rm "${limits[@]}" --network none sni-proxy demo --once --listen 127.0.0.1:0 | grep -E '^(name|[a-z.]+\.demo\.test)'

echo "== as the DaemonSet runs it"
mount -t bpf bpf "$work/pins"
cat >"$work/config.json" <<'JSON'
{"listen_addr": "0.0.0.0:443", "whitelist": ["example.com"], "user": "65532:65532"}
JSON
chmod 644 "$work/config.json"
# The keys of packaging/kubernetes/daemonset.yaml, as options.
container run --detach --name "$name" "${limits[@]}" --network none --user 0 --read-only --security-opt no-new-privileges \
  --security-opt seccomp=unconfined \
  --cap-drop ALL --cap-add BPF,NET_ADMIN,PERFMON,NET_BIND_SERVICE,SETUID,SETGID,CHOWN,FOWNER \
  --volume "$work/config.json:/etc/sni-proxy/config.json:ro" --volume "$work/pins:/sys/fs/bpf" \
  --tmpfs /run/sni-proxy --tmpfs /tmp sni-proxy >/dev/null
log() {
  container logs "$name" 2>&1
}
for _ in $(seq 600); do
  if log | grep -q ' listens on ' && log | grep -q 'splice: ready\|splice is not'; then break; fi
  sleep 0.2
done
log
status=$(cat "/proc/$(container inspect --format '{{.State.Pid}}' "$name")/status")
echo "$status" | grep -E '^(Uid|Gid|NoNewPrivs|CapEff|CapBnd)'
container stop --time 60 "$name" >/dev/null

# CAP_NET_BIND_SERVICE 10, CAP_NET_ADMIN 12, CAP_PERFMON 38, CAP_BPF 39.
expected=$(printf '%016x' $((1 << 10 | 1 << 12 | 1 << 38 | 1 << 39)))
echo "$status" | grep -q "^CapEff:[[:space:]]*$expected\$" || { echo "other capabilities than the four" >&2; exit 1; }
echo "$status" | grep -q "^Uid:[[:space:]]*65532[[:space:]]*65532" || { echo "still root" >&2; exit 1; }
log | grep -q 'splice: ready' || { echo "no data path in the kernel" >&2; exit 1; }
log | grep -q ' stopped' || { echo "no orderly end" >&2; exit 1; }
echo "built, and run without root, and with four capabilities"
