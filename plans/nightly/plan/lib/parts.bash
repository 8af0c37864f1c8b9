# Disks that were added to the domain after the plan was compiled, or that it no longer has. The plan has no path, no level and no base
# for one that was added. The others are backed up nevertheless, and the run says what is missing: by its exit status, in the manifest, and
# to the hook.
# Calls: manifest (missing_parts), messages (error note refuse warning)
# Reads: ANSWER, ATTACHED, ATTACHED_DEVICE, ATTACHED_ENCRYPTED, ATTACHED_FORMAT, ATTACHED_MARKS, ATTACHED_SOURCE, ATTACHED_TYPE,
#   DISKS, DOMAIN, EXPECTED, EXPORT, POINT, RUN, SCRATCH, SCRATCH_TYPE, STREAM
# Sets: BASE, BITMAP, DISKS, EXPORT, FORMAT, IMAGE, IMAGE_TYPE, LEVEL, SCRATCH, SCRATCH_TYPE

# The exit status of a run that has made a restore point without a disk that the domain or the plan has.
readonly PARTIAL=6
# Disks that the plan does not know; those of them that the run backs up; and all disks that the run does not back up.
declare -a ADDED=() EXTRA=() LEFT_OUT=()

# find_added ARRAY: finds the disks that were added. With onNewDisk: refuse they are drift, and are put into the array.
find_added() {
  local -n as_drift=$1
  local target
  ADDED=() EXTRA=() LEFT_OUT=()
  for target in "${ATTACHED[@]}"; do
    ! is_planned "$target" || continue
    if [[ ${ANSWER[new-disk]} == refuse ]]; then as_drift+=("disk $target was added"); else ADDED+=("$target"); fi
  done
}

# answer_gone: leaves out the disks of the plan that the domain no longer has
answer_gone() {
  local target
  local -a left=()
  for target in "${DISKS[@]}"; do
    if [[ ${ATTACHED_TYPE[$target]:-} ]]; then
      left+=("$target")
    else
      LEFT_OUT+=("$target")
      warning "disk $target is in the plan, and the domain no longer has it: it is not backed up, and no restore point is deleted. Attach it again, or capture the inventory and compile again"
    fi
  done
  ((${#left[@]} > 0)) || refuse "the domain has none of the planned disks any more"
  DISKS=("${left[@]}")
}

# answer_added: the policy's onNewDisk for the disks that were added
answer_added() {
  local target
  for target in "${ADDED[@]}"; do
    if needs_no_backup "$target"; then
      note "disk $target was added after the plan was compiled; it needs no backup: $REPLY"
    elif [[ ${ANSWER[new-disk]} != full ]]; then
      leave_out "$target" ""
    elif ! can_be_taken "$target"; then
      leave_out "$target" "it cannot be backed up as a full, because $REPLY"
    else
      take_full_of "$target"
    fi
  done
}

# needs_no_backup TARGET: whether the compiler would leave the disk out without an error (planner/domain/disks.ts); sets REPLY to why
needs_no_backup() {
  REPLY=""
  if [[ ! ${ATTACHED_SOURCE[$1]} ]]; then
    REPLY="it has no source"
  elif [[ ${ATTACHED_DEVICE[$1]} == cdrom || ${ATTACHED_DEVICE[$1]} == floppy ]]; then
    REPLY=${ATTACHED_DEVICE[$1]}
  elif [[ ${ATTACHED_MARKS[$1]} == *" readonly "* ]]; then
    REPLY="it is read-only"
  elif [[ ${ATTACHED_MARKS[$1]} == *" transient "* ]]; then
    REPLY="its changes are dropped when the domain stops"
  fi
  [[ $REPLY ]]
}

# can_be_taken TARGET: whether the run can make a full of it without any word of a plan; sets REPLY to why not. One disk that libvirt
# refuses makes it refuse the backup of all.
can_be_taken() {
  REPLY=""
  if [[ ${RUN[state]} == offline ]]; then
    REPLY="the domain does not run"
  elif [[ ! ${ATTACHED_TYPE[$1]} =~ ^(file|block|volume)$ ]]; then
    REPLY="its type is ${ATTACHED_TYPE[$1]}"
  elif [[ ${ATTACHED_ENCRYPTED[$1]} ]]; then
    REPLY="it is encrypted, and the image would not be"
  elif [[ ! ${ATTACHED_FORMAT[$1]} =~ ^(qcow2|raw)$ ]]; then
    REPLY="its format is ${ATTACHED_FORMAT[$1]}"
  elif [[ ${DOMAIN[mode]} == pull ]]; then
    REPLY=$(pull_forbids "$1")
  fi
  [[ ! $REPLY ]]
}

# pull_forbids TARGET: prints why a disk that the plan does not know cannot be served and copied; nothing if it can
pull_forbids() {
  local target
  if [[ ${STREAM[send]} ]]; then
    printf 'the command that takes the streams knows nothing of it'
  elif [[ $(<"${POINT[documents]}.backup.xml") == *"<encryption"* ]]; then
    printf 'scratch files are encrypted, and it has none'
  elif [[ ! $(scratch_beside "$1") ]]; then
    printf 'no other disk has a scratch file beside which its own can be'
  else
    for target in "${EXPECTED[@]}"; do
      if [[ ${EXPORT[$target]:-} == "$1" ]]; then printf 'the disk %s is exported under its name' "$target" && return; fi
    done
  fi
}

# scratch_beside TARGET: prints a path for its scratch file, beside that of a disk of the plan, whose name nobody else has; nothing if all of
# them are block devices
scratch_beside() {
  local target
  for target in "${DISKS[@]}"; do
    if [[ ${SCRATCH_TYPE[$target]} == file && ${SCRATCH[$target]} ]]; then printf '%s.%s' "${SCRATCH[$target]}" "$1" && return; fi
  done
}

# take_full_of TARGET: adds the disk to the run, as a full in the folder of the restore point. The checkpoint does not cover it, so that
# nothing can build on this image: the next plan begins a chain of its own.
take_full_of() {
  EXTRA+=("$1") DISKS+=("$1")
  LEVEL[$1]=full BASE[$1]="" BITMAP[$1]=no FORMAT[$1]=qcow2 IMAGE_TYPE[$1]=file IMAGE[$1]=${DOMAIN[folder]}/${POINT[name]}/$1.qcow2
  if [[ ${DOMAIN[mode]} == pull ]]; then
    SCRATCH[$1]=$(scratch_beside "$1") SCRATCH_TYPE[$1]=file EXPORT[$1]=$1
  fi
  warning "disk $1 was added after the plan was compiled, and is backed up as a full: capture the inventory and compile again"
}

# leave_out TARGET [WHY]
leave_out() {
  local other
  local -a disks=() extra=()
  LEFT_OUT+=("$1")
  for other in "${DISKS[@]}"; do [[ $other == "$1" ]] || disks+=("$other"); done
  for other in "${EXTRA[@]}"; do [[ $other == "$1" ]] || extra+=("$other"); done
  DISKS=("${disks[@]}") EXTRA=("${extra[@]}")
  # What lies there is not this run's.
  unset "SCRATCH[$1]"
  warning "disk $1 was added after the plan was compiled, and is not backed up${2:+ ($2)}: capture the inventory and compile again"
}

# deviations: prints why the run is not the planned one, with the disks that the plan does not know
deviations() {
  local text=${RUN[deviation]} target
  for target in "${LEFT_OUT[@]}"; do
    if is_planned "$target"; then text+="${text:+; }disk $target is gone"; else text+="${text:+; }disk $target was added and is not backed up"; fi
  done
  for target in "${EXTRA[@]}"; do text+="${text:+; }disk $target was added and is backed up as a full"; done
  printf '%s' "$text"
}

# is_planned TARGET: whether the plan knows the disk
is_planned() { [[ " ${EXPECTED[*]} " == *" $1 "* ]]; }

# gone_parts POINT: prints the disks that the restore point has not, because the domain no longer had them
gone_parts() {
  local target
  for target in $(missing_parts "$1"); do ! is_planned "$target" || printf '%s ' "$target"; done
}

# say_missing POINT: reports as errors what the restore point has not; status 1 if it has everything
say_missing() {
  local target missing gone="" added=""
  missing=$(missing_parts "$1")
  [[ $missing ]] || return 1
  for target in $missing; do if is_planned "$target"; then gone+=" $target"; else added+=" $target"; fi; done
  [[ ! $gone ]] || error "not backed up, because the domain no longer has them:$gone"
  [[ ! $added ]] || error "not backed up, because the plan does not know them:$added"
}

# gone_forbids WHAT: whether the restore point lacks a disk that is gone. The older ones may be the last that hold it, so they stay until
# the policy is compiled without it.
gone_forbids() {
  local gone
  gone=$(gone_parts "${POINT[name]}")
  [[ $gone ]] || return 1
  warning "$1: the domain no longer has ${gone% }, and older restore points hold it"
}

loaded parts
