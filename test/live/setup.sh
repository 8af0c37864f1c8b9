#!/usr/bin/env bash
# Sets up what the suites beyond `npm test` need, on Debian, as root: libvirt, QEMU and their tools, judges such as
# restic, shellcheck and promtool, other shells, a browser, and Ansible.
# Leaves alone what is there already; ends with a libvirtd that answers, or fails.
# Usage: setup.sh [--libvirt | --print]; with --libvirt only libvirt, QEMU and what tests of them need, with --print their packages.
set -euo pipefail

packages=(systemd locales libvirt-daemon-system libvirt-clients libvirt-l10n qemu-system-x86 qemu-utils libnbd-bin libxml2-utils
  ovmf swtpm swtpm-tools openssl iproute2 procps shellcheck)
judges=(restic chromium fonts-dejavu-core zsh fish mandoc groff man-db python3-jsonschema python3-jinja2 ansible-core
  ansible-lint openssh-server openssh-client)
case ${1:-} in
  --print)
    printf '%s\n' "${packages[@]}"
    exit
    ;;
  --libvirt) judges=() ;;
  *) packages+=("${judges[@]}") ;;
esac
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

# The runs of the suites speak to a host in another language than their own.
[[ $(LC_ALL=de_DE.UTF-8 locale charmap 2>/dev/null) == UTF-8 ]] || localedef -i de_DE -f UTF-8 de_DE.UTF-8

# Prometheus' judge of metrics, without the server that its package would start.
if ((${#judges[@]} > 0)) && ! command -v promtool >/dev/null; then
  fetched=$(mktemp -d)
  chmod 755 -- "$fetched"
  (
    cd -- "$fetched"
    apt-get -qq update
    apt-get -qq download prometheus
    dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool
    install -- usr/bin/promtool /usr/local/bin/promtool
  )
  rm -rf -- "$fetched"
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
  'swtpm_user = "root"'
  'swtpm_group = "root"'
)
changed=
for setting in "${settings[@]}"; do
  grep -Fxq -- "$setting" "$conf" && continue
  printf '%s\n' "$setting" >>"$conf"
  changed=yes
done

# Certificates for backups over TLS, where libvirt and the run scripts look for them: an authority, and one for both ends.
certificates=/etc/pki/libvirt-backup
if [[ ! -e $certificates/client-key.pem ]]; then
  mkdir -p -- "$certificates"
  (
    cd -- "$certificates"
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=tidemark test authority" \
      -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" -keyout ca-key.pem -out ca-cert.pem
    for end in server client; do
      openssl req -newkey rsa:2048 -nodes -subj "/CN=tidemark test $end" -keyout "$end-key.pem" -out "$end.csr"
      openssl x509 -req -in "$end.csr" -CA ca-cert.pem -CAkey ca-key.pem -CAcreateserial -days 3650 -out "$end-cert.pem" \
        -extfile <(printf '%s\n' "basicConstraints=CA:FALSE" "subjectAltName=IP:127.0.0.1,DNS:localhost" \
          "extendedKeyUsage=serverAuth,clientAuth" "keyUsage=digitalSignature,keyEncipherment")
      rm -- "$end.csr"
    done
  ) 2>/dev/null
  changed=yes
fi

# QEMU, which serves the disks, is another user than the run.
chown libvirt-qemu -- "$certificates/server-key.pem"

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
# The suites' guests run as the distribution's user (test/live/guest.ts); a daemon whose own QEMU is root closes its folder to it.
chmod o+x /var/lib/libvirt/qemu
virsh --connect "$uri" version
