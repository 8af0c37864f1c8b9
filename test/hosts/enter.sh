#!/usr/bin/env bash
# Runs a command in a Debian that `setup.sh` made, beside the host's libvirt and others of its kind: with namespaces of its own for
# mounts, processes, IPC, its name and the network, and with this work tree at its place. All of it ends with the command.
# Usage, as root: enter.sh ROOT COMMAND [ARGUMENT…]
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

if [[ ${1:-} != --inside ]]; then
  root=$(realpath -e -- "$1")
  shift
  # What is started inside is reaped by the first process there: libvirt waits for a QEMU that has ended to be gone.
  exec unshare --mount --pid --ipc --uts --net --fork --kill-child bash "$PWD/test/hosts/enter.sh" --inside "$root" "$PWD" "$@"
fi

root=$2 tree=$3
shift 3
mount --make-rprivate /
mount --bind -- "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty fuse net/tun; do
  [[ -e /dev/$node ]] || continue
  mkdir -p -- "$root/dev/$(dirname -- "$node")"
  touch -- "$root/dev/$node"
  mount --bind -- "/dev/$node" "$root/dev/$node"
done
mknod -m 660 "$root/dev/loop-control" c 10 237
# Numbers of loop devices are the kernel's, and shared with the host.
for ((number = 0; number < 64; number++)); do mknod -m 660 "$root/dev/loop$number" b 7 "$number"; done
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"
mkdir -- "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs tmpfs "$root/run"
mkdir -- "$root/run/lock"
mount -t tmpfs tmpfs "$root/tmp"
chmod 1777 "$root/tmp"
# After /tmp, where the tree may lie.
mkdir -p -- "$root$tree"
mount --bind -- "$tree" "$root$tree"
hostname "$(basename -- "$root")"
ip link set lo up

variables=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LANG=C.UTF-8)
while read -r name; do variables+=("$name=${!name}"); done < <(compgen -e TIDEMARK_ || true)
# shellcheck disable=SC2016 # for the shell inside
chroot "$root" env -i "${variables[@]}" bash -c 'cd -- "$0" && bash test/live/setup.sh --libvirt >/dev/null && exec "$@"' "$tree" "$@"
