#!/usr/bin/env bash
# Sets up what the schema and live suites need, on Debian, as root: libvirt, QEMU, qemu-img, libnbd's tools, shellcheck.
# Leaves alone what is there already; ends with a libvirtd that answers, or fails.
set -euo pipefail

packages=(libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils libnbd-bin libxml2-utils shellcheck restic)
uri=qemu:///system

[[ $EUID -eq 0 ]] || {
  echo "setup.sh: must be run as root" >&2
  exit 1
}

missing=()
for package in "${packages[@]}"; do
  [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == "install ok installed" ]] || missing+=("$package")
done
if ((${#missing[@]} > 0)); then
  echo "installing: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  # Services that cannot be started in a container are no failure here; libvirtd is started below.
  apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
fi

# Plain root, no confinement: the tests' domains are theirs alone, and containers lack what confinement needs.
conf=/etc/libvirt/qemu.conf
settings=(
  'user = "root"'
  'group = "root"'
  'security_driver = "none"'
  'cgroup_controllers = []'
  'namespaces = []'
  'remember_owner = 0'
  'stdio_handler = "file"'
)
changed=
for setting in "${settings[@]}"; do
  grep -Fxq -- "$setting" "$conf" && continue
  printf '%s\n' "$setting" >>"$conf"
  changed=yes
done

answers() { timeout 5 virsh --connect "$uri" version >/dev/null 2>&1; }

if [[ $changed ]] && answers && [[ -z $(virsh --connect "$uri" list --name) ]]; then
  pkill -x libvirtd || true
  sleep 1
fi
if ! answers; then
  libvirtd -d || true
  for _ in {1..60}; do
    answers && break
    sleep 0.5
  done
fi
answers || {
  echo "setup.sh: libvirtd does not answer on $uri" >&2
  exit 1
}
virsh --connect "$uri" version
