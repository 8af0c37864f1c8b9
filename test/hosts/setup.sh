#!/usr/bin/env bash
# Makes a Debian of another suite in a folder, with its own libvirt and QEMU: what `enter.sh` enters.
# Usage, as root: setup.sh SUITE ROOT; SUITE is trixie, sid or any other that the host's mirror has.
# One that is there already, and young enough, is left as it is.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

suite=$1 root=$2
days=7

mapfile -t packages < <(bash test/live/setup.sh --print)
printf -v list '%s,' "${packages[@]}"
made=$root/.made
if [[ -e $made && $(<"$made") == "$list" && $(find "$made" -mtime "-$days") ]]; then exit; fi

command -v mmdebstrap >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends mmdebstrap >/dev/null
# shellcheck disable=SC2016 # apt-get's own names
mirror=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' |
  awk '$1 == "Debian" && $2 !~ /security/ && !found { found = 1; print $2 }')
rm -rf --one-file-system -- "$root"
mkdir -p -- "$(dirname -- "$root")"
# A mirror that stands still, such as a snapshot, has moving suites whose date is over.
mmdebstrap --quiet --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Install-Recommends "false"' \
  --include="${list%,}" "$suite" "$root" "deb ${mirror:-http://deb.debian.org/debian} $suite main"
# The tests run by the Node that they run by outside.
install -- "$(command -v node)" "$root/usr/local/bin/node"
printf '%s' "$list" >"$made"
