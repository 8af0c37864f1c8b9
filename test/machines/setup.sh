#!/usr/bin/env bash
# Makes the guest of this suite, from Debian's packages, as root: a disk with Debian's cloud kernel on its EFI system partition and a
# small root, and the variables of a firmware that knows the way to that kernel. Only these variables do: the partition has no
# \EFI\BOOT\BOOTX64.EFI, which a firmware would find by itself. Leaves a guest alone that this script, as it is now, has made already.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
image=$here/.image
made_by=$(cat -- "$here/setup.sh" "$here/init.sh" | sha256sum)
[[ ! -e $image/made-by || $(<"$image/made-by") != "$made_by" ]] || exit 0

[[ $EUID -eq 0 ]] || {
  echo "setup.sh: must be run as root" >&2
  exit 1
}

# On this host only what puts images together. What the guest consists of is unpacked, and never installed here.
packages=(cpio dosfstools e2fsprogs fdisk mtools ovmf qemu-system-x86)
missing=()
for package in "${packages[@]}"; do
  [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == "install ok installed" ]] || missing+=("$package")
done
apt-get -qq update
if ((${#missing[@]} > 0)); then
  echo "installing: ${missing[*]}"
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
fi

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir -p -- "$work"/{archives/partial,unpacked,root,initrd}

# All that these depend on comes as well, because for this status file nothing is installed.
: >"$work/status"
apt-get -qq -o Dir::State::status="$work/status" -o Dir::Cache::archives="$work/archives" -o APT::Sandbox::User=root \
  --no-install-recommends --download-only -y install \
  linux-image-cloud-amd64 busybox-static qemu-guest-agent sqlite3 tpm2-tools libtss2-tcti-device0 efibootmgr >/dev/null
for archive in "$work"/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$work/unpacked" --exclude './usr/share/*'
done

# take PATH…: puts files of the packages, and the libraries that they load, into the guest's root.
take() {
  local path library
  for path; do
    install -D -- "$work/unpacked$path" "$work/root$path"
    while read -r library _; do
      install -D -- "$work/unpacked$library" "$work/root$library"
    done < <(chroot "$work/unpacked" /lib64/ld-linux-x86-64.so.2 --list "$path" | grep -o '/[^ ]* (')
  done
}
mkdir -p -- "$work"/root/{bin,dev,proc,sys,run,tmp,var/log} "$work"/initrd/{bin,dev,proc,sys,root}
take /usr/sbin/qemu-ga /usr/bin/sqlite3 /usr/bin/tpm2 /bin/efibootmgr /usr/lib/x86_64-linux-gnu/libtss2-tcti-device.so.0
for each in "$work/root" "$work/initrd"; do
  install -- "$work/unpacked/bin/busybox" "$each/bin/busybox"
  install -- "$here/init.sh" "$each/init"
done
# The agent calls it to shut the guest down.
install -D /dev/stdin "$work/root/sbin/shutdown" <<'END'
#!/bin/sh
sync
mount -o remount,ro /
poweroff -f
END
modules=(virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk virtio_console efivarfs)
for module in "${modules[@]}"; do
  find "$work/unpacked/lib/modules" -name "$module.ko" -exec cp -t "$work/initrd" -- {} +
done
printf '%s\n' "${modules[@]}" >"$work/initrd/modules"
(cd -- "$work/initrd" && find . | cpio --quiet -o -H newc | gzip -9) >"$work/initrd.img"
kernel=("$work"/unpacked/boot/vmlinuz-*)

# Two partitions, at 1 MiB and at 17 MiB.
truncate -s 16M -- "$work/esp"
mkfs.vfat -n ESP -- "$work/esp" >/dev/null
mmd -i "$work/esp" ::/guest
mcopy -i "$work/esp" "${kernel[0]}" ::/guest/linux.efi
mcopy -i "$work/esp" "$work/initrd.img" ::/guest/initrd.img
mkfs.ext4 -q -d "$work/root" -- "$work/ext4" 46M >/dev/null
truncate -s 64M -- "$work/disk.raw"
sfdisk -q -- "$work/disk.raw" <<<"label: gpt
start=1MiB, size=16MiB, type=uefi
start=17MiB, size=46MiB, type=linux"
dd if="$work/esp" of="$work/disk.raw" bs=1M seek=1 conv=notrunc status=none
dd if="$work/ext4" of="$work/disk.raw" bs=1M seek=17 conv=notrunc status=none

# The guest itself writes the boot entry, in a first boot that needs none.
cp -- /usr/share/OVMF/OVMF_VARS_4M.fd "$work/variables.fd"
timeout 60 qemu-system-x86_64 -accel tcg -machine q35 -m 256 -nodefaults -display none -no-reboot \
  -drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd \
  -drive if=pflash,format=raw,file="$work/variables.fd" \
  -drive if=virtio,format=raw,file="$work/disk.raw" -serial file:"$work/console" \
  -kernel "${kernel[0]}" -initrd "$work/initrd.img" -append "console=ttyS0 guest.entry" || true
grep -aq "the boot entry is written" "$work/console" || {
  echo "setup.sh: the guest has written no boot entry:" >&2
  tail -n 40 -- "$work/console" >&2
  exit 1
}

rm -rf -- "$image"
mkdir -p -- "$image"
qemu-img convert -f raw -O qcow2 "$work/disk.raw" "$image/disk.qcow2"
cp -- "$work/variables.fd" "$image/variables.fd"
printf '%s' "$made_by" >"$image/made-by"
