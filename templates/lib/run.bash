# Machinery of every run script: declarations, options, the order of things. Sourced, never run.
# Needs bash 4.4, coreutils, util-linux (flock), virsh, qemu-img; pull mode also qemu-io and nbdinfo, streams nbdcopy and
# qemu-nbd.

source "${BASH_SOURCE[0]%/*}/messages.bash"
source "${BASH_SOURCE[0]%/*}/manifest.bash"
source "${BASH_SOURCE[0]%/*}/host.bash"
source "${BASH_SOURCE[0]%/*}/journal.bash"
source "${BASH_SOURCE[0]%/*}/images.bash"
source "${BASH_SOURCE[0]%/*}/bases.bash"
source "${BASH_SOURCE[0]%/*}/job.bash"
source "${BASH_SOURCE[0]%/*}/nbd.bash"
source "${BASH_SOURCE[0]%/*}/stream.bash"
source "${BASH_SOURCE[0]%/*}/offline.bash"
source "${BASH_SOURCE[0]%/*}/consolidate.bash"
source "${BASH_SOURCE[0]%/*}/prune.bash"
source "${BASH_SOURCE[0]%/*}/hooks.bash"
source "${BASH_SOURCE[0]%/*}/metrics.bash"

# What the run script declares.
declare -A PLAN=([policy]="" [digest]="" [from]="" [until]="" [host]="")
declare -A DOMAIN=([name]="" [uuid]="" [folder]="" [mode]="")
declare -A ANSWER=([missing-base]="" [drift]="" [stopped]="" [time-limit]="" [owners]="")
declare -A POINT=([name]="" [slot]="" [level]="" [documents]="")
declare -a EXPECTED=()
declare -A EXPECTED_TYPE=() EXPECTED_FORMAT=() EXPECTED_SOURCE=()
declare -a DISKS=()
declare -A LEVEL=() BASE=() BITMAP=() FORMAT=() IMAGE_TYPE=() IMAGE=() SCRATCH=() EXPORT=() EXPORT_BITMAP=()
declare -A SERVER=([transport]="" [address]="" [port]="" [tls]="")

# How this run goes: state is waiting (it has no lock yet), new, sealed (the manifest is written), offline, skipped, or done
# (nothing is left to do). Once it is told, its end is nobody's concern.
declare -A RUN=([state]="waiting" [dry]="" [connect]="" [progress]="" [deviation]="" [fallback]="" [frozen]="" [copying]=0 [step]="start" [before]="" [told]="")

plan() { PLAN=([policy]=$1 [digest]=$2 [from]=$3 [until]=$4 [host]=""); }
on_host() { PLAN[host]=$1; }
domain() { DOMAIN=([name]=$1 [uuid]=$2 [folder]=$3 [mode]=$4); }
answers() { ANSWER=([missing-base]=$1 [drift]=$2 [stopped]=$3 [time-limit]=$4 [owners]=$5); }
# starts INSTANT: for run-due.sh; a run that is called begins
starts() { POINT[start]=$1; }
point() { POINT=([name]=$1 [slot]=$2 [level]=$3 [documents]=$4); }
server() { SERVER=([transport]=$1 [address]=$2 [port]=${3:-} [tls]=${4:-no}); }

# expect_disk TARGET TYPE FORMAT SOURCE: a disk that the plan found in the domain
expect_disk() {
  EXPECTED+=("$1")
  EXPECTED_TYPE[$1]=$2 EXPECTED_FORMAT[$1]=$3 EXPECTED_SOURCE[$1]=$4
}

# image TARGET LEVEL BASE|- BITMAP(yes|no) FORMAT TYPE(file|block) PATH [SCRATCH EXPORT [EXPORT-BITMAP]]
image() {
  DISKS+=("$1")
  LEVEL[$1]=$2 BASE[$1]=${3#-} BITMAP[$1]=$4 FORMAT[$1]=$5 IMAGE_TYPE[$1]=$6 IMAGE[$1]=$7
  SCRATCH[$1]=${8:-} EXPORT[$1]=${9:-} EXPORT_BITMAP[$1]=${10:-backup-$1}
}

usage() {
  cat <<TEXT
Usage: ${0##*/} [options]
Takes the backup of ${DOMAIN[name]} that the plan "${PLAN[policy]}" has for ${POINT[slot]} (${POINT[level]}).

  -n, --dry-run       print what would be run, run nothing
  -c, --connect URI   libvirt connection on this host (default: virsh's own)
      --no-progress   plain lines, also on a terminal
  -h, --help          this text

Exit status: 0 done, or nothing to do; 1 failed, and undone; 2 wrong usage; 3 refused: the host is not as planned,
nothing was touched; 4 busy: another run or job has the domain; 5 failed, and not wholly undone: the next run goes on.
TEXT
}

# start ARGUMENTS: reads the options, takes the lock, undoes what an earlier run left
start() {
  while (($# > 0)); do
    case $1 in
      -n | --dry-run) RUN[dry]=yes ;;
      -c | --connect)
        (($# > 1)) || { usage >&2 && exit 2; }
        RUN[connect]=$2
        shift
        ;;
      --no-progress) RUN[progress]=no ;;
      -h | --help) usage && exit 0 ;;
      *)
        error "unknown argument: $1"
        usage >&2
        exit 2
        ;;
    esac
    shift
  done
  if [[ ! ${RUN[dry]} ]]; then
    trap on_exit EXIT
    trap 'end_by 129' HUP
    trap 'end_by 130' INT
    trap 'end_by 143' TERM
  fi
  need_tools virsh qemu-img flock sha256sum
  [[ ${DOMAIN[mode]} == push ]] || need_tools qemu-io nbdinfo
  [[ ! ${STREAM[send]} ]] || need_tools nbdcopy qemu-nbd
  connect "${RUN[connect]}"
  title "${DOMAIN[name]}: ${POINT[level]} of ${POINT[slot]}, policy ${PLAN[policy]}"
  say_horizon
  if [[ ${RUN[dry]} ]]; then
    note "dry run: nothing is changed"
    RUN[state]=new
    call_before
    return
  fi
  take_lock
  RUN[state]=new
  finish_earlier_run
  if has_manifest "${POINT[name]}"; then
    note "this run has been done: ${DOMAIN[folder]}/${POINT[name]}"
    # One that was cut short after its manifest has told nobody.
    [[ -e $(journal_file) ]] || RUN[told]=yes
    RUN[state]=sealed
  else
    refuse_if_late
    call_before
  fi
}

# A run that comes after a younger one would read changes from the wrong side.
refuse_if_late() {
  local newest
  local -a why=()
  newest=$(newest_point)
  [[ $newest && ${newest: -16} > ${POINT[name]: -16} ]] || return 0
  why=("the restore point $newest is younger than this slot; a run cannot go back in time")
  [[ ! ${newest: -16} > $(TZ=UTC printf '%(%Y%m%dT%H%M%SZ)T' -1) ]] ||
    why+=("its time has not come: if the clock was wrong when it was made, move its folder out of ${DOMAIN[folder]}, delete its checkpoint, capture the inventory and compile again")
  refuse "${why[@]}"
}

# step NAME: says what comes; false where the run is past it already
step() {
  RUN[step]=$1
  [[ ${RUN[state]} == new ]] || return 1
  log "$1"
  fault "$1"
}

# The live suite ends or holds a run here, by name, to see it undone: TIDEMARK_FAULT=PLACE:kill|fail|term|stop[,…]
fault() {
  local wanted
  local -a faults
  [[ ${TIDEMARK_FAULT:-} ]] || return 0
  IFS=, read -ra faults <<<"$TIDEMARK_FAULT"
  for wanted in "${faults[@]}"; do
    case $wanted in
      "$1:kill") kill -9 $$ ;;
      "$1:fail") die "fault at $1" ;;
      "$1:term") kill -TERM $$ ;;
      "$1:stop") kill -STOP $$ ;;
    esac
  done
}

# finish: the last step of every run
finish() {
  RUN[state]=done
  if [[ ${RUN[dry]} ]]; then
    tell_end 0
    return
  fi
  close_journal
  title "done: ${DOMAIN[folder]}/${POINT[name]}${RUN[deviation]:+ (${RUN[deviation]})}"
}

# end_by EXIT-STATUS: on a signal. systemd ends each process of a service, and run-due.sh its runs: the second signal does not cut
# short what the first began, not even where it comes before on_exit has said so.
end_by() {
  trap : HUP TERM
  exit "$1"
}

on_exit() {
  local status=$?
  trap - EXIT INT
  trap : HUP TERM
  if [[ ${RUN[state]} =~ ^(new|offline)$ && -e $(journal_file) ]]; then
    error "failed at ${RUN[step]}; undoing the run"
    # In its own shell, which a failure in there may end.
    if (roll_back); then
      note "undone: the checkpoint and the images of this run are gone, earlier restore points are as they were"
    else
      error "not everything could be undone now; the next run goes on with it"
      status=5
    fi
  fi
  tell_end "$status"
  exit "$status"
}

# tell_end EXIT-STATUS: by the policy's metrics and hooks. In a trap a bare return has the status from before it, so that what is
# called here says which.
tell_end() {
  local outcome=failed
  [[ ! ${RUN[told]} ]] || return 0
  RUN[told]=yes
  case $1 in
    0) [[ ${RUN[state]} == skipped ]] && outcome=skipped || outcome=done ;;
    3) outcome=refused ;;
    4) outcome=busy ;;
  esac
  # While another run has the lock, the file is its.
  [[ ${RUN[state]} == waiting ]] || write_metrics "$1"
  call_ending "$outcome" "$1"
}
