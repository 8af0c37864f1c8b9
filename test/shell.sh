#!/usr/bin/env bash
# Every script that is emitted or kept here passes shellcheck, without a directive in any of them.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

command -v shellcheck >/dev/null || {
  echo "shellcheck is not there: run test/live/setup.sh" >&2
  exit 1
}
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
for plan in golden/*/expected golden/*/expected/*/ plans/*/plan; do
  [[ -f $plan/plan.json ]] || continue
  copy=$scratch/${plan//\//-}
  cp -r -- "$plan" "$copy"
  mkdir -p -- "$copy/lib"
  cp -- templates/lib/*.bash "$copy/lib"
done
if grep -rnE '#[[:space:]]*shellcheck[[:space:]]+[a-z-]+=' templates "$scratch" test/*.sh test/ansible/*.sh test/live/*.sh .ci/run; then
  echo "a directive hides what shellcheck would say" >&2
  exit 1
fi
# A few scripts of each domain; each is followed into all of lib/, and the others differ in their declarations only.
scripts=()
while IFS= read -r -d '' folder; do
  while IFS= read -r -d '' script; do scripts+=("$script"); done < <(find "$folder" -maxdepth 2 -name '*.sh' -print0 | sort -z | head -z -n 4)
done < <(find "$scratch" -mindepth 2 -maxdepth 2 -type d ! -name lib -print0)
while IFS= read -r -d '' script; do scripts+=("$script"); done < <(find "$scratch" -mindepth 2 -maxdepth 2 -name run-due.sh -print0)
printf '%s\0' "${scripts[@]}" | xargs -0 -n 20 -P 2 shellcheck -x -P SCRIPTDIR
shellcheck .ci/run test/*.sh test/ansible/*.sh test/live/*.sh test/fuzz/bin/* examples/pre-commit
shellcheck --shell bash templates/completion/tidemark.bash
echo "shellcheck: ${#scripts[@]} emitted scripts"
