#!/usr/bin/env bash
# The oracle and the live suite's core on several libvirts, side by side: each a Debian of its own, the host's own suite on the host.
# Usage, as root: run.sh [SUITE…]; without suites bookworm, trixie and sid. Closes with a line a host.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

suites=("$@")
((${#suites[@]} > 0)) || suites=(bookworm trixie sid)
roots=${TIDEMARK_HOSTS:-/var/cache/tidemark-hosts}
# What changes each day may be out of order on one, which is no fault of ours.
moving=" forky testing sid unstable "
own=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)

bash test/live/setup.sh --libvirt
npm run --silent build
logs=$(mktemp -d)
trap 'rm -rf -- "$logs"' EXIT

# host SUITE: the core's status, or 3 where that Debian cannot be had.
host() {
  local suite=$1
  if [[ $suite == "$own" ]]; then
    bash test/hosts/core.sh
  else
    bash test/hosts/setup.sh "$suite" "$roots/$suite" || return 3
    bash test/hosts/enter.sh "$roots/$suite" bash test/hosts/core.sh
  fi
}

declare -A running
for suite in "${suites[@]}"; do
  { host "$suite" 2>&1 | tee -- "$logs/$suite" | sed -u "s/^/$suite: /"; exit "${PIPESTATUS[0]}"; } &
  running[$suite]=$!
done
failed=()
for suite in "${suites[@]}"; do
  status=0
  wait "${running[$suite]}" || status=$?
  if ((status == 3)) && [[ $moving == *" $suite "* ]]; then
    echo "$suite cannot be had today" >"$logs/$suite"
  elif ((status != 0)); then
    failed+=("$suite")
  fi
done
for suite in "${suites[@]}"; do tail -n 1 -- "$logs/$suite"; done
((${#failed[@]} == 0)) || { echo "failed: ${failed[*]}"; exit 1; }
