#!/bin/busybox sh
# The first process of the suite's guest, in its initrd and then in its root.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
busybox mount -t devtmpfs dev /dev

if [ -e /modules ]; then
  while read -r module; do busybox insmod "/$module.ko"; done </modules
  until [ -e /dev/vda2 ]; do busybox sleep 0.1; done
  busybox mount -t ext4 /dev/vda2 /root
  busybox umount /dev /sys /proc
  exec busybox switch_root /root /init
fi

busybox --install -s /bin
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
if grep -q guest.entry /proc/cmdline; then
  mount -t efivarfs efivarfs /sys/firmware/efi/efivars
  efibootmgr -q -c -d /dev/vda -p 1 -L "the suite's guest" -l '\guest\linux.efi' \
    -u 'initrd=\guest\initrd.img console=ttyS0 quiet panic=1' && echo "the boot entry is written"
  sync
  mount -o remount,ro /
  poweroff -f
fi

port=
until [ "$port" ]; do
  for name in /sys/class/virtio-ports/*/name; do
    [ "$(cat "$name")" = org.qemu.guest_agent.0 ] && port=/dev/$(basename "$(dirname "$name")")
  done
  sleep 0.1
done
while true; do qemu-ga -m virtio-serial -p "$port" -t /run -l /run/agent.log; done
