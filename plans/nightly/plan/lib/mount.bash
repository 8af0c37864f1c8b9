# The file systems of a restore point, mounted read-only without a copy: qemu-storage-daemon shows each disk as a raw file (FUSE), of which
# the kernel mounts the partitions. The daemon has the images open, so that runs may delete or fold the restore point meanwhile. What
# belongs to the folder is noted in it, so that a later call takes everything down, also after a kill or a crash of the daemon.
# Calls: chain (chain_node), guard (end_script), json (json), messages (die log note refuse title warning), restore
#   (check_headers hold_chain), state (fault)
# Reads: CHAIN_FAULT, IMAGE_FAULT
# Sets: nothing

# The folder that is being mounted, until all is.
declare MOUNTING=""

mount_notes() { printf '%s/.tidemark-mount' "$1"; }

# mount_point POINT FOLDER TARGET…
mount_point() {
  local point=$1 folder=$2 target node
  local -a options=()
  shift 2
  ((EUID == 0)) || refuse "only root may mount file systems"
  [[ ! -e $(mount_notes "$folder") ]] || refuse "a restore point is mounted at $folder already: call this with --unmount $folder first"
  [[ ! -e $folder || -d $folder && ! $(ls -A -- "$folder") ]] || refuse "$folder is not an empty folder"
  trap end_mounting EXIT
  mkdir -p -- "$folder"
  MOUNTING=$folder
  mkdir -m 0700 -- "$(mount_notes "$folder")"
  # Only headers are checked: checksums take long, and a mount is wanted at once.
  for target in "$@"; do hold_chain "$point" "$target"; done
  check_headers || refuse "$IMAGE_FAULT"
  for target in "$@"; do
    node=$(chain_node "$point" "$target") || die "$CHAIN_FAULT"
    : >"$folder/$target.raw"
    options+=(--blockdev "{\"driver\":\"raw\",\"node-name\":$(json "disk-$target"),\"read-only\":true,\"file\":$node}")
    options+=(--export "{\"type\":\"fuse\",\"id\":$(json "$target"),\"node-name\":$(json "disk-$target"),\"mountpoint\":$(json "$folder/$target.raw"),\"writable\":false}")
  done
  fault "mounting"
  qemu-storage-daemon --daemonize --pidfile "$(mount_notes "$folder")/pid" "${options[@]}" ||
    die "qemu-storage-daemon cannot show the disks as files; it needs FUSE (/dev/fuse)"
  fault "shown"
  title "$point is at $folder, read-only"
  for target in "$@"; do mount_disk "$folder" "$target"; done
  MOUNTING=""
  note "when you have what you need, call this with --unmount $folder"
}

# mount_disk FOLDER TARGET: mounts the partitions of the disk, or the file system that takes all of it
mount_disk() {
  local file=$1/$2.raw number start sectors name found=""
  log "  $file"
  while read -r number start sectors; do
    found=yes name=$2
    [[ $name != *[0-9] ]] || name+=p
    mount_part "$1/$name$number" "$file" $((start * 512)) $((sectors * 512))
  done < <(partx --show --noheadings --output NR,START,SECTORS -- "$file" 2>/dev/null)
  [[ $found ]] || mount_part "$1/$2" "$file" 0 "$(stat -c %s -- "$file")"
}

# mount_part FOLDER FILE OFFSET SIZE
mount_part() {
  local type options=ro,nosuid,nodev,noexec,loop,offset=$3,sizelimit=$4
  type=$(blkid -p -O "$3" -S "$4" -s TYPE -o value -- "$2") || type=""
  case $type in
    "" | swap) return 0 ;;
    *_member | crypto_LUKS)
      note "${1##*/} holds $type, whose file systems are not mounted: guestmount (libguestfs) reads $2"
      return 0
      ;;
    # An unfinished journal stays as it is.
    ext[234]) options+=,noload ;;
    xfs) options+=,norecovery,nouuid ;;
  esac
  mkdir -- "$1"
  if mount -t "$type" -o "$options" -- "$2" "$1"; then
    log "  $1 ($type)"
  else
    rmdir -- "$1"
    warning "${1##*/} ($type) could not be mounted"
  fi
  fault "mounted"
}

# unmount_point FOLDER: takes down what mount_point has made there, however much of it there is
unmount_point() {
  local path pid=""
  [[ -d $(mount_notes "$1") ]] || refuse "no restore point is mounted at $1"
  for path in "$1"/*/; do
    [[ -d $path ]] || continue
    path=${path%/}
    ! mountpoint -q -- "$path" || umount -- "$path" || die "$path is in use: leave it, and call this again"
    rmdir -- "$path"
  done
  if [[ -f $(mount_notes "$1")/pid ]]; then read -r pid <"$(mount_notes "$1")/pid" || true; fi
  if [[ $pid =~ ^[0-9]+$ && $(cat "/proc/$pid/comm" 2>/dev/null) == qemu-storage-da* ]]; then
    kill "$pid"
    while [[ -e /proc/$pid ]]; do sleep 0.05; done
  fi
  for path in "$1"/*.raw; do
    # Of a daemon that was killed, the file stays mounted.
    umount -l -- "$path" 2>/dev/null || true
    rm -f -- "$path"
  done
  rm -rf -- "$(mount_notes "$1")"
  rmdir -- "$1" 2>/dev/null || true
}

end_mounting() {
  local status=$?
  [[ ! $MOUNTING ]] || unmount_point "$MOUNTING"
  end_script "$status"
}

loaded mount
