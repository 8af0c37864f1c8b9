#!/usr/bin/env bash
# A host of the Ansible suite: an sshd in a network namespace, to which the folder of its plans is its own. With systemd it has a
# real one as its first process, which knows no units but those of the host, and sees this machine read-only but for /dev/shm.
#   host.sh NAMESPACE SSHD_CONFIG FOLDER PLANS [systemd]
# FOLDER holds what is the host's own: its plans, which it has as PLANS, and with systemd its units and systemd's state.
# It ends when it is told to.
set -euo pipefail
namespace=$1 config=$2 folder=$3 plans=$4 init=${5-}

start() {
  mkdir -p -- "$folder"/{plans,units,state} "$plans"
  if [[ $init != systemd ]]; then
    exec ip netns exec "$namespace" unshare --mount bash "${BASH_SOURCE[0]}" "$namespace" "$config" "$folder" "$plans" enter-plain
  fi
  # What systemd itself needs of units, without what a machine's others would do to this one.
  for unit in sysinit basic shutdown timers; do
    printf '[Unit]\nDefaultDependencies=no\n' >"$folder/units/$unit.target"
  done
  printf '[Unit]\nAllowIsolate=yes\nRequires=basic.target\nWants=timers.target sshd.service\n' >"$folder/units/host.target"
  printf '[Service]\nRuntimeDirectory=sshd\nExecStart=/usr/sbin/sshd -D -e -f "%s"\n' "$config" >"$folder/units/sshd.service"
  mkdir -p -- "$folder/cgroup"
  mount -t cgroup2 cgroup2 "$folder/cgroup"
  mkdir -p -- "$folder/cgroup/$namespace"
  (
    echo "$BASHPID" >"$folder/cgroup/$namespace/cgroup.procs"
    exec ip netns exec "$namespace" unshare --mount --pid --uts --ipc --cgroup --fork --kill-child \
      bash "${BASH_SOURCE[0]}" "$namespace" "$config" "$folder" "$plans" enter-systemd
  ) &
  child=$!
  # To less unshare does not listen; the first wait ends with the signal.
  trap 'kill -KILL -- "$child"' TERM
  wait "$child" || wait "$child" || true
  for _ in {1..50}; do
    find "$folder/cgroup/$namespace" -depth -type d -delete 2>/dev/null && break
    sleep 0.1
  done
  umount -- "$folder/cgroup"
}

enter() {
  mount --make-rprivate /
  mount --bind -- "$folder/plans" "$plans"
}

enter_systemd() {
  enter
  mount --bind -- "$folder/units" /etc/systemd/system
  mount --bind -- "$folder/state" /var/lib/systemd
  # StateDirectory= of the service.
  mkdir -p -- "$folder/tidemark" /var/lib/tidemark
  mount --bind -- "$folder/tidemark" /var/lib/tidemark
  mkdir -p -- "$folder/libvirt"
  mount --bind /run/libvirt "$folder/libvirt"
  for own in /run /tmp /var/tmp /root; do mount -t tmpfs tmpfs "$own"; done
  mkdir /run/libvirt
  mount --move "$folder/libvirt" /run/libvirt
  umount --recursive --lazy /sys
  mount -t sysfs -o ro sysfs /sys
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  mount -t proc proc /proc
  mount --bind -o ro /proc/sys /proc/sys
  mount -o remount,bind,ro /
  exec env -i container=tidemark PATH="$PATH" SYSTEMD_UNIT_PATH=/etc/systemd/system \
    /lib/systemd/systemd --unit=host.target --log-target=null --show-status=no
}

case $init in
enter-plain)
  enter
  exec /usr/sbin/sshd -D -e -f "$config"
  ;;
enter-systemd) enter_systemd ;;
*) start ;;
esac
