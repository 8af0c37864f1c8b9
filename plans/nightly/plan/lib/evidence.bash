# Evidence identifies a disk, a checkpoint or a process beyond its name. A run gathers it before the job begins and keeps it in the
# manifest; a later run compares it before it builds on that restore point.
# Calls: host (ask_libvirt disk_path known xml_text), messages (refuse), offline (note_written)
# Reads: ATTACHED, DOMAIN, RUN
# Sets: nothing

# "TARGET type", "TARGET name", "TARGET device", "TARGET inode", "TARGET birth", "TARGET backing" (a number) and "TARGET
# backing.0"…; of a stopped domain "TARGET written.boot", "TARGET written.files" (a number) and "TARGET written.files.0"…; "process
# boot", "process pid" and "process start". What is not known is empty.
declare -A EVIDENCE=()

# The URI of libvirt, once it is known.
declare CONNECTION=""

# gather_evidence [XML]: sets EVIDENCE for the domain as it is now, by its live XML if that was just read
gather_evidence() {
  local local_host="" xml=${1:-}
  EVIDENCE=()
  if is_local; then
    local_host=yes
    find_process
  fi
  [[ $xml ]] || xml=$(known dumpxml @ 2>/dev/null) || xml=""
  find_sources "$local_host" "$xml"
  if [[ ${RUN[state]} == offline ]]; then
    local target
    for target in "${ATTACHED[@]}"; do note_written "$target"; done
  fi
}

# is_local: whether libvirt runs on this host. Paths and processes of another host cannot be looked at.
is_local() {
  # A run keeps its connection, so this is asked once.
  [[ $CONNECTION ]] || CONNECTION=$(ask_libvirt uri 2>/dev/null) || return 1
  [[ $CONNECTION =~ ^[a-z+]+:/// ]]
}

# refuse_other_host: a run makes images, reads disks and looks at files itself, so it has to be where QEMU is
refuse_other_host() {
  local uri=${RUN[connect]}
  if [[ ! $uri =~ ^[^:]*://[^/] ]]; then
    ! is_local && [[ $CONNECTION ]] || return 0
    uri=$CONNECTION
  fi
  refuse "libvirt's connection $uri is to another host, and a run reads and writes files of its own host: start the run on that host"
}

# find_process: finds the QEMU of the domain, whose command line has the domain's UUID; a stopped domain has none
find_process() {
  local file pid start word boot
  local -a words=()
  for file in "/run/libvirt/qemu/${DOMAIN[name]}.pid" "${XDG_RUNTIME_DIR:-/nonexistent}/libvirt/qemu/run/${DOMAIN[name]}.pid"; do
    [[ -r $file ]] && read -r pid <"$file" || [[ ${pid:-} ]] || continue
    [[ $pid =~ ^[1-9][0-9]*$ && -r /proc/$pid/cmdline ]] || continue
    mapfile -d '' -t words <"/proc/$pid/cmdline" || continue
    for word in "${words[@]}"; do
      [[ $word == "${DOMAIN[uuid]}" ]] || continue
      start=$(process_start "$pid") && [[ $start ]] && { read -r boot </proc/sys/kernel/random/boot_id; } 2>/dev/null || return 0
      EVIDENCE["process boot"]=$boot EVIDENCE["process pid"]=$pid EVIDENCE["process start"]=$start
      return 0
    done
  done
}

# process_start PID: when it was started, in ticks since the host was (field 22 of /proc/PID/stat); nothing if it is gone
process_start() {
  local stat fields
  { IFS= read -r -d '' stat || [[ $stat ]]; } 2>/dev/null <"/proc/$1/stat" || return 0
  # The second field is the program's name in brackets, which may hold anything.
  read -ra fields <<<"${stat##*) }"
  printf '%s' "${fields[19]}"
}

# find_sources LOCAL XML: of each disk, and where libvirt is on this host of its file
find_sources() {
  local line inside="" element="" type="" name node target source
  local -a backing=()
  while IFS= read -r line; do
    if [[ $line =~ ^\ *\<disk\ (.*\ )?type=\'([a-z]+)\' ]]; then
      inside=yes element="" type=${BASH_REMATCH[2]} name="" node="" target="" backing=()
    elif [[ ! $inside ]]; then
      continue
    elif [[ $line == *"</disk>"* ]]; then
      inside=""
      [[ ! $target ]] || keep_source "$1" "$target" "$type" "$name" "$node" "${backing[@]}"
    elif [[ $line =~ ^\ *\<(backingStore|mirror)[\ \>] ]]; then
      element=${BASH_REMATCH[1]}
    elif [[ $line == *"</mirror>"* ]]; then
      element=""
    elif [[ $line =~ ^\ *\<source\  ]]; then
      source=$(source_name "$line")
      case $element in
        "")
          name=${name:-$source}
          [[ $node || ! $line =~ \ index=\'([1-9][0-9]*)\' ]] || node=${BASH_REMATCH[1]}
          ;;
        backingStore) [[ ! $source ]] || backing+=("$source") ;;
      esac
    elif [[ $line =~ ^\ *\<target\ dev=\'([^\']+)\' ]]; then
      target=${BASH_REMATCH[1]}
    fi
  done <<<"$2"
}

# source_name LINE: prints a <source> as one text: a file, a device, pool/volume, or protocol:name
source_name() {
  local text=""
  if [[ $1 =~ \ (file|dev|dir)=\'([^\']*)\' ]]; then
    text=${BASH_REMATCH[2]}
  elif [[ $1 =~ \ volume=\'([^\']*)\' ]]; then
    text=/${BASH_REMATCH[1]}
    [[ ! $1 =~ \ pool=\'([^\']*)\' ]] || text=${BASH_REMATCH[1]}$text
  elif [[ $1 =~ \ protocol=\'([^\']*)\' ]]; then
    text=${BASH_REMATCH[1]}:
    [[ ! $1 =~ \ name=\'([^\']*)\' ]] || text+=${BASH_REMATCH[1]}
  fi
  xml_text "$text"
}

# keep_source LOCAL TARGET TYPE NAME NODE BACKING…
keep_source() {
  local target=$2 path found device inode birth
  local -i count=0
  EVIDENCE["$target type"]=$3 EVIDENCE["$target name"]=${4:-$3} EVIDENCE["$target node"]=$5
  for path in "${@:6}"; do
    EVIDENCE["$target backing.$count"]=$path
    count+=1
  done
  EVIDENCE["$target backing"]=$count
  [[ ! $1 || ! $3 =~ ^(file|volume)$ ]] && return
  found=$(file_evidence "$(disk_path "$3" "$4")") || return 0
  read -r device inode birth <<<"$found"
  EVIDENCE["$target device"]=$device EVIDENCE["$target inode"]=$inode EVIDENCE["$target birth"]=$birth
}

# file_evidence PATH: device, inode, and when it was made, which not each file system tells. A block device's node is made anew at
# each boot, so its numbers say nothing.
file_evidence() {
  local device inode birth
  [[ -f $1 ]] && read -r device inode birth < <(stat -L -c '%d %i %W' -- "$1" 2>/dev/null) && [[ $inode ]] || return 1
  [[ $birth =~ ^[1-9][0-9]*$ ]] || birth=""
  printf '%s %s %s' "$device" "$inode" "$birth"
}

# checkpoint_time NAME: prints when libvirt made the checkpoint, in seconds since 1970; nothing if there is none
checkpoint_time() {
  local xml
  xml=$(known checkpoint-dumpxml @ --checkpointname "$1" --no-domain 2>/dev/null) && time_in "$xml"
}

# time_in XML: prints when the checkpoint of this document was made
time_in() { [[ ! $1 =~ (^|$'\n')\ *"<creationTime>"([0-9]{1,15})"</creationTime>" ]] || printf '%s' "${BASH_REMATCH[2]}"; }

loaded evidence
