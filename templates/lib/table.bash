# The table of a domain's runs: what each word of runs.bash means. Only the lines of the slot that was asked for take effect.
# Calls: manifest (has_manifest newest_point), messages (instant refuse)
# Reads: DOMAIN, PLAN, POINT
# Sets: POINT

# Slots of the plan in order of time, each as `SLOT START LEVEL` with times as in the names of files.
declare -a SLOTS=()
# The folder of the table; the slot that was asked for; whether the lines that are read are its own, and the base of its disks; what the deletions that follow are due to.
declare -A TABLE=([folder]="" [wanted]="" [own]="" [base]="" [because]="" [retires]="" [whole]="")
declare -a DISKS=() KEEP=() FOLDS=() PRUNE=()
declare -A LEVEL=() BASE=() BITMAP=() FORMAT=() IMAGE_TYPE=() IMAGE=() SCRATCH=() SCRATCH_TYPE=() EXPORT=() EXPORT_BITMAP=()

# read_runs FOLDER [SLOT]
read_runs() {
  local -a lines=()
  TABLE[folder]=$1 TABLE[wanted]=${2:-}
  [[ ! -f $1/runs.bash ]] || mapfile -t lines <"$1/runs.bash"
  if ((${#lines[@]} > 0)) && [[ ${lines[-1]} == end_of_runs* ]]; then source "$1/runs.bash"; fi
  [[ ${TABLE[whole]} ]] || refuse "$1/runs.bash was cut short, or is not there: copy the whole plan here again"
}

# slot INSTANT LEVEL [base=POINT] [start=INSTANT]: a run; the lines that follow are about it
slot() {
  local compact=${1//[-:]/} start=$1 base="" field
  for field in "${@:3}"; do
    case ${field%%=*} in
      base) base=${field#*=} ;;
      start) start=${field#*=} ;;
      *) refuse "runs.bash has a field of a slot that is not known here: $field" ;;
    esac
  done
  SLOTS+=("$compact ${start//[-:]/} $2")
  TABLE[own]="" TABLE[base]=$base TABLE[because]=""
  [[ $compact == "${TABLE[wanted]}" ]] || return 0
  TABLE[own]=yes
  POINT=([name]=${PLAN[policy]}-$compact [slot]=$1 [level]=$2 [documents]=${TABLE[folder]}/$compact)
}

# image TARGET [FIELD=VALUE…]: a disk that the run backs up. Without fields: on the base of the slot, with its level (a full, if
# that has none), covered by the checkpoint, into a qcow2 file in the folder of the restore point.
image() {
  [[ ${TABLE[own]} ]] || return 0
  local target=$1 field value
  shift
  DISKS+=("$target")
  LEVEL[$target]="" BASE[$target]=${TABLE[base]} BITMAP[$target]=yes FORMAT[$target]=qcow2 IMAGE_TYPE[$target]=file IMAGE[$target]=""
  SCRATCH[$target]="" SCRATCH_TYPE[$target]=file EXPORT[$target]=$target EXPORT_BITMAP[$target]=backup-$target
  for field in "$@"; do
    value=${field#*=}
    case ${field%%=*} in
      level) LEVEL[$target]=$value ;;
      base) BASE[$target]=$value ;;
      bitmap) BITMAP[$target]=$value ;;
      format) FORMAT[$target]=$value ;;
      type) IMAGE_TYPE[$target]=$value ;;
      path) IMAGE[$target]=$value ;;
      scratch) SCRATCH[$target]=$value ;;
      scratch_type) SCRATCH_TYPE[$target]=$value ;;
      export) EXPORT[$target]=$value ;;
      export_bitmap) EXPORT_BITMAP[$target]=$value ;;
      *) refuse "runs.bash has a field of an image that is not known here: $field" ;;
    esac
  done
  [[ ${LEVEL[$target]} ]] || if [[ ${BASE[$target]} ]]; then LEVEL[$target]=${POINT[level]}; else LEVEL[$target]=full; fi
  IMAGE[$target]=${IMAGE[$target]:-${DOMAIN[folder]}/${POINT[name]}/$target.${FORMAT[$target]}}
}

# keep_checkpoints CHECKPOINT…: the older ones that the run does not delete
keep_checkpoints() {
  [[ ${TABLE[own]} ]] || return 0
  TABLE[retires]=yes KEEP=("$@")
}

# because POINT…: the restore points without which the folds and deletions that follow are not due
because() { TABLE[because]=$*; }

# fold POINT FOLDED…: newest first
fold() { [[ ! ${TABLE[own]} ]] || FOLDS+=("${TABLE[because]}"$'\t'"$*"); }

# prune POINT…: newest first
prune() { [[ ! ${TABLE[own]} ]] || PRUNE=("${TABLE[because]}" "$@"); }

# end_of_runs COUNT: the last line
end_of_runs() { [[ $1 != "${#SLOTS[@]}" ]] || TABLE[whole]=yes; }

# list_runs: state, slot, start and level of each run, parted by tabs. Its state is done (its restore point is there), past (it is
# not there, and a younger one is), or todo.
list_runs() {
  local slot start level state newest
  newest=$(newest_point)
  for slot in "${SLOTS[@]}"; do
    read -r slot start level <<<"$slot"
    state=todo
    [[ ! $newest || $slot > ${newest: -16} ]] || state=past
    ! has_manifest "${PLAN[policy]}-$slot" || state=done
    printf '%s\t%s\t%s\t%s\n' "$state" "$(instant "$slot")" "$(instant "$start")" "$level"
  done
}

loaded table
