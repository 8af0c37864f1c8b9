# Where a restore writes: new files in a folder, or devices and volumes that are there already. What it makes is in a folder of its
# own until all is complete, with a list of what came out of it, so that a restore that was killed can be called again.
# Calls: chain (block_node chain_node), evidence (process_start), files (rename_new), host (ask_libvirt disk_path has_domain),
#   json (json_read), manifest (disk_field), messages (die human log note refuse run warning)
# Reads: CHAIN_FAULT, JSON
# Sets: FETCHED

# The folder of this restore, and by disk the device that it writes to; and the path and libvirt's type of what each disk becomes.
declare WORK=""
declare -A DEVICE=() TARGET_PATH=() TARGET_TYPE=()

# find_target_paths FOLDER FORMAT TARGET…: sets TARGET_PATH and TARGET_TYPE; refuses devices that are not fit
find_target_paths() {
  local to=$1 format=$2 target
  local -a unfit=()
  for target in "${!DEVICE[@]}"; do
    [[ " ${*:3} " == *" $target "* ]] || unfit+=("--device $target: this disk is not restored")
  done
  for target in "${@:3}"; do
    TARGET_PATH[$target]=$to/$target.$format TARGET_TYPE[$target]=file
    [[ ${DEVICE[$target]:-} ]] || continue
    TARGET_PATH[$target]=${DEVICE[$target]} TARGET_TYPE[$target]=block
    # A volume is named by its pool and its name; no path of a device lacks the first slash.
    [[ ${DEVICE[$target]} == /* ]] || TARGET_PATH[$target]=$(disk_path volume "${DEVICE[$target]}")
    if [[ ! -b ${TARGET_PATH[$target]} ]]; then
      unfit+=("${DEVICE[$target]} is no block device, nor a volume (POOL/VOLUME) that is one")
    elif device_in_use "${TARGET_PATH[$target]}"; then
      unfit+=("${TARGET_PATH[$target]} is in use: $REPLY")
    fi
  done
  ((${#unfit[@]} == 0)) || refuse "${unfit[@]}"
}

# device_in_use DEVICE: whether it is mounted, swapped to, part of another device, or a disk of a domain; sets REPLY to what uses it
device_in_use() {
  local device=$1 number holder real names line
  real=$(realpath -e -- "$device")
  number=$(stat -L -c '%Hr:%Lr' -- "$device")
  for holder in "/sys/dev/block/$number/holders"/* "/sys/dev/block/$number"/*/partition; do
    [[ -e $holder ]] || continue
    REPLY="it is part of another device, or has partitions (${holder#/sys/dev/block/})"
    return 0
  done
  while read -r _ _ holder _ line _; do
    [[ $holder == "$number" ]] || continue
    REPLY="it is mounted on $line"
    return 0
  done </proc/self/mountinfo
  while read -r line _; do
    [[ -b $line && $(realpath -e -- "$line") == "$real" ]] || continue
    REPLY="the host swaps to it"
    return 0
  done </proc/swaps
  names=$(ask_libvirt list --all --uuid 2>/dev/null) || return 1
  for holder in $names; do
    while read -r _ _ _ line; do
      [[ $line == /* && $(realpath -e -- "$line" 2>/dev/null) == "$real" ]] || continue
      REPLY="it is a disk of the domain $(ask_libvirt domname --domain "$holder" | sed -n 1p)"
      return 0
    done < <(ask_libvirt domblklist --domain "$holder" --details 2>/dev/null | tail -n +3)
  done
  return 1
}

# check_sizes POINT FORMAT TARGET…: refuses devices that are too small, before anything is written
check_sizes() {
  local target printed
  local -i need there
  local -a small=()
  for target in "${@:3}"; do
    [[ ${TARGET_TYPE[$target]} == block ]] || continue
    need=$(disk_field "$1" "$target" virtualSize)
    if [[ $2 == qcow2 ]]; then
      printed=$(qemu-img measure --output=json -O qcow2 --size "$need") && json_read "$printed" || die "qemu-img does not tell how large an image can become"
      need=${JSON[fully-allocated]}
    fi
    there=$(blockdev --getsize64 "${TARGET_PATH[$target]}") || die "the size of ${TARGET_PATH[$target]} cannot be read"
    ((there >= need)) || small+=("${TARGET_PATH[$target]} has $(human "$there"), and the disk $target needs $(human "$need")$([[ $2 == raw ]] || printf ' as qcow2; --format raw needs less')")
  done
  ((${#small[@]} == 0)) || refuse "${small[@]}"
}

# begin_work FOLDER: makes the folder of this restore. Nobody can foresee its name or put a link into it.
begin_work() {
  WORK=$(mktemp -d -- "$1/.tidemark-restore.XXXXXXXX") || die "nothing can be written to $1"
  printf '%s %s\n' "$$" "$(process_start "$$")" >"$WORK/process"
  FETCHED=$WORK/received
}

# made INODE PATH: notes what is about to get its name
made() {
  printf '%s %s\n' "$1" "$2" >>"$WORK/made"
  sync "$WORK/made"
}

# remove_made WORK: removes what came out of the folder of a restore
remove_made() {
  local inode path
  [[ -f $1/made ]] || return 0
  while read -r inode path; do
    [[ $(stat -c %i -- "$path" 2>/dev/null) != "$inode" ]] || rm -rf -- "$path"
  done <"$1/made"
}

# put FILE PATH: gives a complete file of the folder its name
put() {
  made "$(stat -c %i -- "$1")" "$2"
  rename_new "$1" "$2" || refuse "$2 exists; choose another folder with --to"
}

# clear_earlier FOLDER: removes what restores into this folder have left that were killed. One that had come to its domain is complete.
clear_earlier() {
  local work pid start uuid
  for work in "$1"/.tidemark-restore.*; do
    [[ -d $work && ! -L $work && -O $work && -f $work/process ]] && read -r pid start <"$work/process" || continue
    [[ $(process_start "$pid") != "$start" ]] || refuse "another restore writes to $1"
    if [[ -f $work/domain ]] && read -r uuid <"$work/domain" && has_domain "$uuid"; then
      note "an earlier restore to $1 was complete: it had defined its domain"
    else
      warning "an earlier restore to $1 did not end; what it made is removed"
      remove_made "$work"
    fi
    rm -rf -- "$work"
  done
}

# written_to PATH: prints where the file is until it gets its name; in a dry run, its name
written_to() { if [[ $WORK ]]; then printf '%s/%s' "$WORK" "${1##*/}"; else printf '%s' "$1"; fi; }

# write_disks POINT FORMAT TYPE TARGET…: writes the disks that go to files, or those that go to devices; status 1 if one cannot be written, with
# its target in REPLY
write_disks() {
  local target
  for target in "${@:4}"; do
    [[ ${TARGET_TYPE[$target]} == "$3" ]] || continue
    log "restore $target"
    write_disk "$1" "$target" "$2" || { REPLY=$target && return 1; }
  done
}

# write_disk POINT TARGET FORMAT: writes the disk to where it goes; a file stays in the folder of the restore
write_disk() {
  local node path=${TARGET_PATH[$2]}
  node=$(chain_node "$1" "$2") || die "$CHAIN_FAULT"
  if [[ ${TARGET_TYPE[$2]} == file ]]; then
    run qemu-img convert -O "$3" -- "json:$node" "$(written_to "$path")"
    return
  fi
  [[ $3 == raw ]] || run qemu-img create -q -f qcow2 -- "$path" "$(disk_field "$1" "$2" virtualSize)" || return 1
  # Without -n, qemu-img would make an image; with it, zeroes are written as well, over what the device held.
  run qemu-img convert -n -O "$3" -- "json:$node" "json:$(block_node "$3" "$path")" && run sync -d -- "$path"
}

loaded targets
