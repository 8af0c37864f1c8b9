# What is due on this host, and running it. Sourced by run-due.sh, never run.
# Of each domain only the newest slot that has come is run: an older one would hold the same data under an older name. What was
# missed costs its restore points and no changes, as the run reads changes since the last verified one.

source "${BASH_SOURCE[0]%/*}/messages.bash"
source "${BASH_SOURCE[0]%/*}/manifest.bash"

declare -A PLAN=([policy]="" [from]="" [until]="")
declare -A RUN=([dry]="" [progress]="")
# Of the domain that is looked at, as manifest.bash knows it.
declare -A DOMAIN=([folder]="")
declare -A ANSWER=([owners]="")
declare -A DUE=([root]="" [repository]="" [jobs]=1 [list]="" [wait]="" [clock]="")
declare -a DOMAINS=() WANTED=() RUN_OPTIONS=()
declare -A FOLDER=() OWNERS=()
# Scripts of this round by start, those that have been begun, and processes with the domains they are of.
declare -a ROUND=()
declare -A BEGUN=() WORKING=()
declare -A COUNT=([done]=0 [failed]=0 [refused]=0 [busy]=0)

plan() {
  PLAN=([policy]=$1 [from]=$2 [until]=$3)
  DUE[repository]=$4 DUE[jobs]=$5
}

# domain NAME FOLDER OWNERS
domain() {
  DOMAINS+=("$1")
  FOLDER[$1]=$2 OWNERS[$1]=$3
}

due_usage() {
  cat <<TEXT
Usage: ${0##*/} [options]
Runs what is due on this host of the plan "${PLAN[policy]}": of each domain the newest slot whose start has come and that has not
been done. Older slots that were missed are left out; what changed since the last verified run is in this one.

  -d, --domain NAME   only this domain; may be given more than once
  -l, --list          print what is due and what comes next, run nothing: state, slot, start, script, missed slots and domain,
                      parted by tabs; state is due, waiting (its slot has come, its start not yet), or next
  -n, --dry-run       print what would be run, run nothing
  -w, --wait          wait for the start of runs whose slot has come, and go on until nothing is due; for a timer
  -j, --jobs N        so many runs at a time (default: ${DUE[jobs]}, by the policy's maxConcurrent)
  -t, --at TIME       as if it were then (default: now)
  -c, --connect URI   libvirt connection on this host (default: virsh's own)
      --no-progress   plain lines, also on a terminal
  -h, --help          this text

Exit status: 0 all that was due is done, or nothing was; 1 a run failed; 2 wrong usage; 3 none failed, but a run was refused or
the plan has expired; 4 none of these, but a domain was busy.
TEXT
}

# run_due PLAN-DIRECTORY ARGUMENTS
run_due() {
  DUE[root]=$1
  shift
  due_options "$@"
  DUE[clock]=$((DUE[clock] - SECONDS))
  say_horizon "$(now)"
  if [[ ${DUE[list]} ]]; then
    list_due
    return
  fi
  trap 'end_early 129' HUP
  trap 'end_early 130' INT
  trap 'end_early 143' TERM
  while gather_due && ((${#ROUND[@]} > 0)); do
    run_round
    [[ ${DUE[wait]} && ! ${RUN[dry]} ]] || break
  done
  sum_up
}

due_options() {
  local at=now name
  while (($# > 0)); do
    case $1 in
      -l | --list) DUE[list]=yes ;;
      -n | --dry-run) RUN[dry]=yes RUN_OPTIONS+=(--dry-run) ;;
      -w | --wait) DUE[wait]=yes ;;
      --no-progress) RUN_OPTIONS+=(--no-progress) ;;
      -h | --help) due_usage && exit 0 ;;
      -d | --domain | -j | --jobs | -t | --at | -c | --connect)
        (($# > 1)) || wrong_usage "$1 needs a value"
        case $1 in
          -d | --domain) WANTED+=("$2") ;;
          -j | --jobs) DUE[jobs]=$2 ;;
          -t | --at) at=$2 ;;
          *) RUN_OPTIONS+=(--connect "$2") ;;
        esac
        shift
        ;;
      *) wrong_usage "unknown argument: $1" ;;
    esac
    shift
  done
  [[ ${DUE[jobs]} =~ ^[1-9][0-9]{0,3}$ ]] || wrong_usage "--jobs takes a number, at least 1"
  DUE[clock]=$(date -u -d "$at" +%s 2>/dev/null) || wrong_usage "--at $at is no time; write 2026-12-01T12:00:00Z"
  for name in "${WANTED[@]}"; do
    [[ ${FOLDER[$name]:-} ]] || wrong_usage "the plan has no domain \"$name\""
  done
  ((${#WANTED[@]} > 0)) || WANTED=("${DOMAINS[@]}")
}

wrong_usage() {
  error "$@"
  due_usage >&2
  exit 2
}

# now: seconds since 1970
now() { printf '%d' $((DUE[clock] + SECONDS)); }

# compact SECONDS: as in the names of slots; in their order, and without a process for each
compact() { TZ=UTC printf '%(%Y%m%dT%H%M%SZ)T' "$1"; }

# instant COMPACT
instant() { printf '%s-%s-%sT%s:%s:%sZ' "${1:0:4}" "${1:4:2}" "${1:6:2}" "${1:9:2}" "${1:11:2}" "${1:13:2}"; }

# start_of SCRIPT: compact; what the plan's jitter and maxConcurrent made of the slot
start_of() {
  local word value
  while read -r word value; do
    [[ $word == starts ]] || continue
    printf '%s' "${value//[-:]/}"
    return
  done <"$1"
  value=${1%/run.sh} value=${value##*/}
  printf '%s' "${value:0:16}"
}

# look_at DOMAIN: sets STATE (due, waiting, next or none), SLOT, START and SCRIPT of the run it is about, and how many slots were
# MISSED before it
look_at() {
  local time come name newest="" slot start
  local -a found=()
  local -i index missed=0
  STATE=none SLOT="" START="" SCRIPT="" MISSED=0
  time=$(compact "$(now)")
  DOMAIN[folder]=${DUE[repository]%/}/${FOLDER[$1]} ANSWER[owners]=${OWNERS[$1]}
  # One of a time that has not come was made when the clock was wrong. It does not hide what is due: the run refuses, and says so.
  while IFS= read -r name; do [[ ${name: -16} > $time ]] || newest=${name: -16}; done < <(own_points)
  found=("${DUE[root]}/${FOLDER[$1]}"/[0-9]*Z-*/run.sh)
  for ((index = ${#found[@]} - 1; index >= 0; index--)); do
    [[ -f ${found[index]} ]] || continue
    slot=${found[index]%/run.sh} slot=${slot##*/} slot=${slot:0:16}
    if [[ $STATE == due ]]; then
      [[ $slot > $newest ]] || break
      missed+=1
      continue
    fi
    start=$(start_of "${found[index]}")
    come=$start
    [[ ! ${DUE[wait]} ]] || come=$slot
    if [[ ! $come > $time ]]; then
      # What is done, and what is older, is not due; but a run that was cut short after its manifest is gone on with.
      [[ $slot > $newest || -e ${DOMAIN[folder]}/.tidemark/journal ]] || break
      STATE=due
    elif [[ ! $slot > $time ]]; then
      STATE=waiting
    else
      STATE=next
    fi
    SLOT=$slot START=$start SCRIPT=${found[index]}
  done
  MISSED=$missed
}

list_due() {
  local name expired=yes
  for name in "${WANTED[@]}"; do
    look_at "$name"
    [[ $STATE == none ]] && continue
    expired=""
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$STATE" "$(instant "$SLOT")" "$(instant "$START")" "$SCRIPT" "$MISSED" "$name"
  done
  [[ ! $expired ]] || note "nothing is due, and nothing comes" >&2
}

# gather_due: the round, in the order in which its runs start; of equals the first by name
gather_due() {
  local name
  ROUND=()
  while IFS= read -r name; do ROUND+=("${name#* }"); done < <(
    for name in "${WANTED[@]}"; do
      look_at "$name"
      [[ $STATE == due ]] && printf '%s %s\t%s\t%s\n' "$START" "$SCRIPT" "$MISSED" "$name"
    done | sort
  )
}

# run_round: each as soon as its start has come and one that is at work has ended
run_round() {
  local script missed name begun=""
  for name in "${ROUND[@]}"; do
    IFS=$'\t' read -r script missed name <<<"$name"
    [[ ! ${BEGUN[$script]:-} ]] || continue
    BEGUN[$script]=yes begun=yes
    while ((${#WORKING[@]} >= DUE[jobs])); do await_one; done
    await_start "$script" "$name"
    ((missed == 0)) || note "$name: $missed missed $( ((missed == 1)) && echo slot || echo slots) before this one"
    begin_run "$script" "$name"
  done
  while ((${#WORKING[@]} > 0)); do await_one; done
  # Those that failed are tried again when the script is called again.
  [[ $begun ]] || DUE[wait]=""
}

# await_start SCRIPT DOMAIN: sleeps in steps, so that a clock that is set is seen
await_start() {
  local start said=""
  start=$(start_of "$1")
  while [[ $start > $(compact "$(now)") && ! ${RUN[dry]} ]]; do
    [[ $said ]] || log "$2 starts at $(instant "$start")"
    said=yes
    sleep 1 &
    wait $! || true
  done
}

# begin_run SCRIPT DOMAIN: where several are at work, each line says whose it is
begin_run() {
  local name=$2
  if ((DUE[jobs] > 1)); then
    "$1" "${RUN_OPTIONS[@]}" </dev/null > >(while IFS= read -r line; do printf '%s: %s\n' "$name" "$line"; done) 2>&1 &
  else
    "$1" "${RUN_OPTIONS[@]}" </dev/null &
  fi
  WORKING[$!]=$name
}

# await_one: until a run has ended; which, its process tells by being gone
await_one() {
  local process status
  for process in "${!WORKING[@]}"; do
    kill -0 "$process" 2>/dev/null && continue
    status=0
    wait "$process" || status=$?
    count_run "$status" "${WORKING[$process]}"
    unset "WORKING[$process]"
    return
  done
  wait -n "${!WORKING[@]}" || true
}

count_run() {
  case $1 in
    0) COUNT[done]=$((COUNT[done] + 1)) ;;
    3) COUNT[refused]=$((COUNT[refused] + 1)) ;;
    4) COUNT[busy]=$((COUNT[busy] + 1)) ;;
    *) COUNT[failed]=$((COUNT[failed] + 1)) ;;
  esac
  (($1 == 0)) || error "$2: exit status $1"
}

sum_up() {
  local text="" what
  for what in done failed refused busy; do
    ((COUNT[$what] == 0)) || text+=", ${COUNT[$what]} $what"
  done
  if [[ $text ]]; then title "summary: ${text#, }"; else title "nothing is due"; fi
  ((COUNT[failed] == 0)) || exit 1
  ((COUNT[refused] == 0)) && ! is_expired "$(now)" || exit 3
  ((COUNT[busy] == 0)) || exit 4
}

# end_early STATUS: the runs undo themselves
end_early() {
  trap '' HUP INT TERM
  ((${#WORKING[@]} == 0)) || kill -TERM "${!WORKING[@]}" 2>/dev/null || true
  wait
  exit "$1"
}
