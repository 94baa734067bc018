#!/bin/busybox sh
# The first process of a test machine: finds the host's files, puts a file system in memory over them, goes there and runs
# the tests.
export PATH=/bin
/bin/busybox --install -s /bin
mkdir -p /proc /sys /dev /host /memory /new
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do
  insmod "/modules/$module" || echo "vm: cannot load $module"
done </modules/order

argument() {
  sed -E "s/.*sniproxy\.$1=([^ ]*).*/\1/" /proc/cmdline
}
# Where the checkout is, where its copy is and all else that the guest needs, and which kernel this is to be.
root=$(argument root)
vm=$(argument vm)
kernel=$(argument kernel)

mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=524288 host /host || poweroff -f
mount -t tmpfs -o size=75% memory /memory
mkdir /memory/upper /memory/work
mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work overlay /new || poweroff -f
cd /new || poweroff -f
# Nothing of the host's own run is the guest's; the checkout stays where it is, even below /tmp.
mkdir -p /checkout /work lib/modules
mount -o bind ".$vm/checkout" /checkout
mount -o bind ".$vm" /work
mount -t proc proc proc
mount -t sysfs sys sys
mount -t devtmpfs dev dev
ln -s /proc/self/fd dev/fd
mkdir -p dev/pts dev/shm
mount -t devpts devpts dev/pts
mount -t tmpfs shm dev/shm
mount -t tmpfs run run
mount -t tmpfs -o mode=1777 tmp tmp
mkdir -p ".$root"
mount -o bind /checkout ".$root"
mount -o bind /work ".$vm"
ln -sfn "$vm/$kernel/lib/modules/$(uname -r)" "lib/modules/$(uname -r)"
# Not chroot: the kernel runs modprobe in the root of all processes.
exec switch_root /new /bin/bash "$root/scripts/vm/tests.sh" "$root" "$vm" "$kernel"
