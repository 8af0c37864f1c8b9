# What the host says: libvirt through virsh, and whether that is what the plan assumed.

declare -a VIRSH=(virsh)
declare -a FOUND=()
declare -A FOUND_TYPE=() FOUND_DEVICE=() FOUND_FORMAT=() FOUND_SOURCE=()

connect() { [[ $1 ]] && VIRSH=(virsh --connect "$1") || VIRSH=(virsh); }

# The domain goes by its UUID: a name may look like an id or an option.
v() {
  local command=$1
  shift
  "${VIRSH[@]}" "$command" --domain "${DOMAIN[uuid]}" "$@" </dev/null
}

# await_libvirt: a daemon that is restarted is back soon, and its jobs with it
await_libvirt() {
  local -i patience=300
  until "${VIRSH[@]}" uri </dev/null >/dev/null 2>&1; do
    ((patience-- > 0)) || {
      error "libvirt does not answer"
      return 1
    }
    sleep 0.1
  done
}

domain_state() { v domstate 2>/dev/null | sed -n 1p; }
is_running() { [[ $(domain_state) =~ ^(running|paused|idle)$ ]]; }

# Reads the disks of the live domain into FOUND. virsh prints one element a line; the first driver and source of a disk
# are its own, those of its backing chain come later.
read_disks() {
  FOUND=()
  local line inside="" type="" device="" format="" source="" target=""
  while IFS= read -r line; do
    if [[ $line =~ ^\ *\<disk\ .*type=\'([a-z]+)\' ]]; then
      inside=yes type=${BASH_REMATCH[1]} device=disk format="" source="" target=""
      [[ $line =~ device=\'([a-z]+)\' ]] && device=${BASH_REMATCH[1]}
    elif [[ $inside && $line == *"</disk>"* ]]; then
      inside=""
      FOUND+=("$target")
      FOUND_TYPE[$target]=$type FOUND_DEVICE[$target]=$device FOUND_FORMAT[$target]=${format:-raw} FOUND_SOURCE[$target]=$source
    elif [[ $inside && ! $format && $line =~ \<driver\ .*type=\'([^\']+)\' ]]; then
      format=${BASH_REMATCH[1]}
    elif [[ $inside && ! $source && $line =~ \<source\ (file|dev)=\'([^\']*)\' ]]; then
      source=$(xml_text "${BASH_REMATCH[2]}")
    elif [[ $inside && $line =~ \<target\ dev=\'([^\']+)\' ]]; then
      target=${BASH_REMATCH[1]}
    fi
  done < <(v dumpxml 2>/dev/null)
}

xml_text() {
  local text=$1
  text=${text//"&lt;"/<}
  text=${text//"&gt;"/>}
  text=${text//"&quot;"/'"'}
  text=${text//"&apos;"/"'"}
  printf '%s' "${text//"&amp;"/"&"}"
}

# check_host: everything that must hold before anything is touched; reports all that does not
check_host() {
  step "check the host" || return 0
  [[ ${RUN[dry]} ]] && return
  local name
  if ! name=$(v domname 2>/dev/null | sed -n 1p) || [[ ! $name ]]; then
    refuse "libvirt knows no domain ${DOMAIN[uuid]} (${DOMAIN[name]}): it was removed, moved to another host, or made anew; correct the inventory and compile again"
  fi
  if ! is_running; then
    answer_stopped
    return
  fi
  local busy_with
  busy_with=$(job_operation)
  [[ ! $busy_with ]] || busy "another job runs on ${DOMAIN[name]} ($busy_with); run this again when it has ended"

  local -a drift=()
  [[ $name == "${DOMAIN[name]}" ]] || drift+=("the domain is now named \"$name\", not \"${DOMAIN[name]}\"")
  find_drift drift
  choose_bases drift
  ((${#drift[@]} == 0)) || answer_drift "${drift[@]}"
  check_targets
  check_space
}

# find_drift ARRAY: adds what of the domain's disks is not as the plan has it
find_drift() {
  local -n drifted=$1
  local target
  read_disks
  for target in "${EXPECTED[@]}"; do
    if [[ ! ${FOUND_TYPE[$target]:-} ]]; then
      drifted+=("disk $target is gone")
    elif [[ ${FOUND_FORMAT[$target]} != "${EXPECTED_FORMAT[$target]}" ]]; then
      drifted+=("disk $target has format ${FOUND_FORMAT[$target]}, not ${EXPECTED_FORMAT[$target]}")
    elif [[ ${EXPECTED_TYPE[$target]} =~ ^(file|block)$ && ${FOUND_SOURCE[$target]} != "${EXPECTED_SOURCE[$target]}" && ${FOUND_DEVICE[$target]} == disk ]]; then
      drifted+=("disk $target is ${FOUND_SOURCE[$target]:-empty}, not ${EXPECTED_SOURCE[$target]:-empty}: it was swapped, or a snapshot was taken")
    fi
  done
  for target in "${FOUND[@]}"; do
    [[ " ${EXPECTED[*]} " == *" $target "* ]] || drifted+=("disk $target was added")
  done
}

# answer_drift REASON…: the policy's onDrift
answer_drift() {
  if [[ ${ANSWER[drift]} != full ]]; then
    refuse "$@" "the host is not what the plan assumed: correct the inventory and compile again, or set onDrift: full"
  fi
  local reason
  for reason in "$@"; do warning "$reason"; done
  take_fallback "drift: $(printf '%s; ' "$@")"
}

# take_fallback WHY: a full of every disk instead of what was planned
take_fallback() {
  local target
  warning "taking a full instead of the planned ${POINT[level]}"
  RUN[fallback]=yes
  RUN[deviation]=${1%; }
  for target in "${DISKS[@]}"; do
    LEVEL[$target]=full BASE[$target]=""
  done
  drop_missing_disks
}

# Images of disks that the domain no longer has.
drop_missing_disks() {
  local target
  local -a left=()
  ((${#FOUND[@]} > 0)) || return 0
  for target in "${DISKS[@]}"; do
    [[ ${FOUND_TYPE[$target]:-} ]] && left+=("$target")
  done
  ((${#left[@]} > 0)) || refuse "none of the planned disks is left"
  DISKS=("${left[@]}")
}

answer_stopped() {
  case ${ANSWER[stopped]} in
    skip)
      warning "${DOMAIN[name]} does not run: skipped, nothing was done"
      RUN[state]=skipped
      close_journal
      exit 0
      ;;
    fail) refuse "${DOMAIN[name]} does not run" ;;
    offline-copy)
      warning "${DOMAIN[name]} does not run: its disks are copied while it is down"
      take_fallback "offline copy"
      RUN[state]=offline
      copy_offline
      ;;
  esac
}

# job_operation: the job that runs on the domain, nothing if there is none
job_operation() {
  v domjobinfo 2>/dev/null | sed -n 's/^Job type: *\(None\)\{0,1\} *$/\1/p; s/^Operation: *//p' | grep -v '^None$' | sed -n 1p || true
}

# bitmap_size CHECKPOINT TARGET: bytes changed since; nothing if the checkpoint is not there, does not cover the disk, or its
# bitmap is gone or inconsistent (then libvirt leaves the size out; seen on 9.0)
bitmap_size() {
  v checkpoint-dumpxml --checkpointname "$1" --no-domain --size 2>/dev/null |
    sed -n "s/.*<disk name='$2' .*size='\([0-9]*\)'.*/\1/p"
}

# Not by a pipe into grep -q, which would end virsh early, and with pipefail say that there is none.
checkpoint_listed() {
  local names
  names=$(v checkpoint-list --name 2>/dev/null) || return 1
  [[ $'\n'$names$'\n' == *$'\n'"$1"$'\n'* ]]
}
