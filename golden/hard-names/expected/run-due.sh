#!/usr/bin/env bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/guard.bash" tell || exit 1
# Runs what is due on this host of the policy nightly. See --help.
{
  set -euo pipefail
  here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
  source "$here/lib/due.bash"

  due_plan nightly 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z "/var/backup/it's \"here\" & <there> \$HOME" 1
  due_again 2 900
  due_domain -rf %2Drf nightly
  due_domain 100% 100%25 nightly
  due_domain "it's \"R&D\" <7> ünï \$(id) \`x\`" "it's \"R&D\" <7> ünï \$(id) \`x\`" nightly
  due_domain lib %6Cib nightly
  due_domain '{point} {disk}' '{point} {disk}' nightly
  run_due "$here" "$@"
  leave 0
}
