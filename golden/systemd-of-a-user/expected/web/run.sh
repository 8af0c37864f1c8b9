#!/usr/bin/env bash
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/guard.bash" tell || exit 1
# Takes the backups of web that the policy nightly plans: `run.sh SLOT`; `run.sh --list` prints the slots. See --help.
{
  set -euo pipefail
  here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
  source "$here/../lib/run.bash"
  source "$here/../plan.bash"
  source "$here/domain.bash"
  start "$here" "$@"

  check_host
  create_images
  begin_backup
  take_machine
  wait_for_job
  verify_images
  write_manifest
  retire_checkpoints
  consolidate_points
  prune_points
  finish
  exit
}
