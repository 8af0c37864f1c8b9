# The functions that runs.bash calls, one for each word of the table of runs. Only the lines of the requested slot take effect.
# Calls: manifest (has_manifest newest_point), messages (instant refuse)
# Reads: DOMAIN, PLAN, POINT
# Sets: POINT

# The slots of the plan in order of time, each as `SLOT START LEVEL`, with times as in the names of files.
declare -a SLOTS=()
# folder: that of the table. wanted: the requested slot. selected: whether the lines that are being read belong to it. base: that of
# the slot's disks. because: the restore points that make the next folds and deletions due. retires: whether the run deletes
# checkpoints. whole: whether the last line of the table was read.
declare -A TABLE=([folder]="" [wanted]="" [selected]="" [base]="" [because]="" [retires]="" [whole]="")
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

# slot INSTANT LEVEL [base=POINT] [start=INSTANT]: begins a run; the next lines belong to it
slot() {
  local compact=${1//[-:]/} start=$1 base="" field
  for field in "${@:3}"; do
    case ${field%%=*} in
      base) base=${field#*=} ;;
      start) start=${field#*=} ;;
      *) refuse "runs.bash has a field of a slot that this lib/ does not know: $field" ;;
    esac
  done
  SLOTS+=("$compact ${start//[-:]/} $2")
  TABLE[selected]="" TABLE[base]=$base TABLE[because]=""
  [[ $compact == "${TABLE[wanted]}" ]] || return 0
  TABLE[selected]=yes
  POINT=([name]=${PLAN[policy]}-$compact [slot]=$1 [level]=$2 [documents]=${TABLE[folder]}/$compact)
}

# image TARGET [FIELD=VALUE…]: a disk that the run backs up. Without fields, the disk has the base and the level of the slot (a full if
# the slot has no base), the checkpoint covers it, and its image is a qcow2 file in the folder of the restore point.
image() {
  [[ ${TABLE[selected]} ]] || return 0
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
      *) refuse "runs.bash has a field of an image that this lib/ does not know: $field" ;;
    esac
  done
  [[ ${LEVEL[$target]} ]] || if [[ ${BASE[$target]} ]]; then LEVEL[$target]=${POINT[level]}; else LEVEL[$target]=full; fi
  IMAGE[$target]=${IMAGE[$target]:-${DOMAIN[folder]}/${POINT[name]}/$target.${FORMAT[$target]}}
}

# keep_checkpoints CHECKPOINT…: the checkpoints that the run keeps when it deletes older ones
keep_checkpoints() {
  [[ ${TABLE[selected]} ]] || return 0
  TABLE[retires]=yes KEEP=("$@")
}

# because POINT…: the restore points that make the next folds and deletions due
because() { TABLE[because]=$*; }

# fold POINT FOLDED…: folds the others into the first; newest first
fold() { [[ ! ${TABLE[selected]} ]] || FOLDS+=("${TABLE[because]}"$'\t'"$*"); }

# prune POINT…: deletes restore points; newest first
prune() { [[ ! ${TABLE[selected]} ]] || PRUNE=("${TABLE[because]}" "$@"); }

# end_of_runs COUNT: the last line of the table, with the number of its slots
end_of_runs() { [[ $1 != "${#SLOTS[@]}" ]] || TABLE[whole]=yes; }

# list_runs: prints state, slot, start and level of each run, separated by tabs. The state is done (the restore point exists), past
# (only a younger one exists), or todo.
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
