# A stopped domain: its disks are copied with qemu-img, whole; no checkpoint can be made.

copy_offline() {
  local target
  RUN[step]="copy offline"
  read_disks
  drop_missing_disks
  check_targets
  journal begin "${POINT[name]}"
  mkdir -p -- "${DOMAIN[folder]}/${POINT[name]}"
  v dumpxml --inactive >"${DOMAIN[folder]}/${POINT[name]}/domain.xml"
  for target in "${DISKS[@]}"; do
    [[ ${FOUND_SOURCE[$target]} ]] || refuse "disk $target has no source on this host"
    LEVEL[$target]=full BASE[$target]="" BITMAP[$target]=no
    if [[ ${STREAM[send]} ]]; then
      FORMAT[$target]=raw
      send_disk "$target" nbdcopy -- [ qemu-nbd --read-only --format "${FOUND_FORMAT[$target]}" -- "${FOUND_SOURCE[$target]}" ] -
      continue
    fi
    mkdir -p -- "${IMAGE[$target]%/*}"
    [[ ${IMAGE_TYPE[$target]} == file ]] && journal image "${IMAGE[$target]}"
    qemu-img convert -f "${FOUND_FORMAT[$target]}" -O "${FORMAT[$target]}" -- "${FOUND_SOURCE[$target]}" "${IMAGE[$target]}" ||
      die "the disk $target could not be copied"
  done
  is_running && die "${DOMAIN[name]} was started while it was copied"
  RUN[state]=new
  verify_images
  write_manifest
}
