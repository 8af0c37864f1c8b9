# Sealing a restore point: the manifest is written last, when everything that it describes is on the disk. It makes the folder a restore
# point. Its values are gathered in MANIFEST, where read_manifest would put them.
# Calls: checksum (checksum sum_files), compress (data_bytes), evidence (checkpoint_time), files (claim_anew), host
#   (await_libvirt read_versions), images (disk_size virtual_size), journal (instant_of journal state_folder), json (json),
#   manifest (forget_manifest load_manifest), marks (keep_marks), messages (die), ownership (give give_point), parts
#   (deviations), run (step), state (enter fault)
# Reads: BASE, BITMAP, COMPRESS, DISKS, DOMAIN, EVIDENCE, FORMAT, IMAGE, IMAGE_TYPE, LEFT_OUT, LEVEL, MACHINE, MANIFEST,
#   MANIFEST_FAULT, PLAN, POINT, RUN, STREAM, STREAM_SIZE, STREAM_SUM, SUM, VERSION
# Sets: MANIFEST

# write_manifest: computes the checksums, then writes the manifest as a whole
write_manifest() {
  step "write the manifest" || return 0
  local folder=${DOMAIN[folder]}/${POINT[name]} target file
  local -a files=("$folder/domain.xml")
  local -i entry=0
  if [[ ${RUN[dry]} ]]; then
    printf '  (checksums, then %q)\n' "$folder/manifest.json"
    enter sealed
    return
  fi
  forget_manifest "${POINT[name]}"
  sum_images
  for target in "${DISKS[@]}"; do
    set_disk "$target" "disks.$entry" || die "the image of $target could not be read"
    entry+=1
  done
  MANIFEST["${POINT[name]} disks"]=$entry
  set_machine || die "what is not on the disks could not be read"
  set_run || die "libvirt does not describe what the run has made"
  give_point "$folder"
  # Not by ${MACHINE[@]/#/…}: bash 5.2 gives an & of the folder's name the meaning that sed gives it.
  for file in "${MACHINE[@]}"; do files+=("$folder/$file"); done
  sync "${files[@]}"
  put_manifest "${POINT[name]}" "$folder/manifest.json.part"
  fault "seal"
  # Once this file exists, nothing of the run is undone.
  mv -- "$folder/manifest.json.part" "$folder/manifest.json"
  sync "$folder"
  journal sealed
  enter sealed
  fault "sealed"
  # From now on the bitmaps of this run's checkpoint tell what was written since a restore in place.
  [[ ! ${RUN[replaced]} ]] || ! makes_checkpoint || printf '%s %s\n' "${RUN[replaced]}" "${POINT[name]}" >"$(state_folder)/replaced"
  keep_marks
}

# put_manifest ID FILE: writes the gathered values and reads them again, because a later run must be able to read them
put_manifest() {
  claim_anew "$2" || die "$2 cannot be written"
  print_manifest "$1" >"$2"
  sync "$2"
  give "$2"
  forget_manifest "${1%/folded}"
  load_manifest "$1" "$2" || die "the manifest could not be read again: $MANIFEST_FAULT"
  forget_manifest "${1%/folded}"
}

# sum_images: computes the checksums of the images; those of streams were computed while these were sent
sum_images() {
  local target
  local -a images=()
  [[ ! ${STREAM[send]} ]] || return 0
  for target in "${DISKS[@]}"; do images+=("${IMAGE[$target]}"); done
  sum_files "${images[@]}"
}

# set_disk TARGET PATH: sets the disk's part of the manifest
set_disk() {
  local target=$1 id="${POINT[name]} $2" image=${IMAGE[$1]} sum size virtual key
  local -i index
  if [[ ${STREAM[send]} ]]; then
    sum=${STREAM_SUM[$target]} size=${STREAM_SIZE[$target]} virtual=$(disk_size "$target") || return 1
  else
    # These are separate assignments, because bash reports only the status of the last one of several.
    sum=${SUM["$image"]} && [[ $sum ]] && size=$(stat -L -c %s -- "$image") && virtual=$(virtual_size "$image" "${FORMAT[$target]}") || return 1
  fi
  MANIFEST["$id.target"]=$target MANIFEST["$id.level"]=${LEVEL[$target]} MANIFEST["$id.base"]=${BASE[$target]}
  MANIFEST["$id.bitmap"]=false
  [[ ${BITMAP[$target]} != yes ]] || MANIFEST["$id.bitmap"]=true
  for key in type name device inode birth node backing written.boot written.files; do MANIFEST["$id.source.$key"]=${EVIDENCE["$target $key"]:-}; done
  for ((index = 0; index < ${EVIDENCE["$target backing"]:-0}; index++)); do
    MANIFEST["$id.source.backing.$index"]=${EVIDENCE["$target backing.$index"]}
  done
  for ((index = 0; index < ${EVIDENCE["$target written.files"]:-0}; index++)); do
    MANIFEST["$id.source.written.files.$index"]=${EVIDENCE["$target written.files.$index"]}
  done
  MANIFEST["$id.image"]=$(relative_image "$target")
  if [[ ${COMPRESS[$target]:-} && ${FORMAT[$target]} == qcow2 && ! ${STREAM[send]} ]]; then
    MANIFEST["$id.compression.method"]=${COMPRESS[$target]}
    MANIFEST["$id.compression.data"]=$(data_bytes "$image") && [[ ${MANIFEST["$id.compression.data"]} ]] || return 1
  fi
  MANIFEST["$id.format"]=${FORMAT[$target]} MANIFEST["$id.virtualSize"]=$virtual MANIFEST["$id.size"]=$size MANIFEST["$id.sha256"]=$sum
}

# set_machine: sets the manifest's list of files that hold what is not on the disks
set_machine() {
  local id=${POINT[name]} file path
  local -i count=0
  for file in "${MACHINE[@]}"; do
    path=${DOMAIN[folder]}/$id/$file
    MANIFEST["$id machine.$count.file"]=$file
    MANIFEST["$id machine.$count.size"]=$(stat -c %s -- "$path") || return 1
    MANIFEST["$id machine.$count.sha256"]=$(checksum <"$path") || return 1
    count+=1
  done
  MANIFEST["$id machine"]=$count
}

# set_run: sets the rest of the manifest
set_run() {
  local id=${POINT[name]} key sum time=""
  ((${#VERSION[@]} > 0)) || read_versions || return 1
  sum=$(checksum <"${DOMAIN[folder]}/$id/domain.xml") || return 1
  if makes_checkpoint; then
    # The daemon may have been restarted while the checksums were computed.
    time=$(checkpoint_time "$id") || { await_libvirt && time=$(checkpoint_time "$id"); }
    [[ $time ]] || return 1
  fi
  MANIFEST["$id policy"]=${PLAN[policy]} MANIFEST["$id host"]=${PLAN[host]}
  MANIFEST["$id domain"]=${DOMAIN[name]} MANIFEST["$id uuid"]=${DOMAIN[uuid]}
  MANIFEST["$id point"]=$id MANIFEST["$id slot"]=${POINT[slot]}
  MANIFEST["$id level"]=$(run_level) MANIFEST["$id mode"]=${DOMAIN[mode]}
  MANIFEST["$id checkpoint.creationTime"]=$time
  for key in boot pid start; do MANIFEST["$id process.$key"]=${EVIDENCE["process $key"]:-}; done
  MANIFEST["$id plan"]=${PLAN[digest]} MANIFEST["$id finished"]=$(instant_of -1)
  MANIFEST["$id seconds"]=$((SECONDS - RUN[since]))
  MANIFEST["$id tools.libvirt"]=${VERSION[virsh]}
  MANIFEST["$id tools.qemu"]=${VERSION[qemu]}
  [[ ! ${STREAM[send]} ]] || MANIFEST["$id stream.receive"]=${STREAM[receive]} MANIFEST["$id stream.delete"]=${STREAM[delete]}
  MANIFEST["$id deviation"]=$(deviations) MANIFEST["$id frozen"]=${RUN[quiesced]} MANIFEST["$id planned"]=""
  [[ ${MANIFEST["$id level"]} == "${POINT[level]}" ]] || MANIFEST["$id planned"]=${POINT[level]}
  [[ ! ${RUN[demand]} ]] || MANIFEST["$id onDemand"]=true
  MANIFEST["$id leftOut"]=${#LEFT_OUT[@]}
  for key in "${!LEFT_OUT[@]}"; do MANIFEST["$id leftOut.$key"]=${LEFT_OUT[key]}; done
  MANIFEST["$id pin.reason"]=${RUN[pin-reason]} MANIFEST["$id pin.until"]=${RUN[pin-until]}
  MANIFEST["$id domainXml.sha256"]=$sum
}

# print_manifest ID: prints the manifest, with a line for each key and each disk. Only this function knows the layout.
print_manifest() {
  local id=$1 key value targets="" disks="" machine=""
  local -i entry count=${MANIFEST["$1 disks"]}
  printf '{\n  "formatVersion": "2.0"'
  for key in policy host domain uuid point slot level mode; do
    value=${MANIFEST["$id $key"]:-}
    [[ ! $value ]] || printf ',\n  "%s": %s' "$key" "$(json "$value")"
  done
  value=${MANIFEST["$id checkpoint.creationTime"]:-}
  printf ',\n  "checkpoint": %s' "$([[ $value ]] && printf '{"creationTime":%s}' "$value" || printf null)"
  value=${MANIFEST["$id process.pid"]:-}
  printf ',\n  "process": %s' "$([[ $value ]] && printf '{"boot":%s,"pid":%s,"start":%s}' "$(json "${MANIFEST["$id process.boot"]}")" "$value" "${MANIFEST["$id process.start"]}" || printf null)"
  for ((entry = 0; entry < count; entry++)); do
    targets+=${targets:+,}$(json "${MANIFEST["$id disks.$entry.target"]}")
    disks+=${disks:+,$'\n'}"    $(print_disk "$id disks.$entry")"
  done
  printf ',\n  "targets": [%s],\n  "disks": [\n%s\n  ]' "$targets" "$disks"
  for ((entry = 0; entry < ${MANIFEST["$id machine"]:-0}; entry++)); do
    machine+="${machine:+,}"$'\n'"    {\"file\":$(json "${MANIFEST["$id machine.$entry.file"]}"),\"size\":${MANIFEST["$id machine.$entry.size"]},\"sha256\":$(json "${MANIFEST["$id machine.$entry.sha256"]}")}"
  done
  [[ ! ${MANIFEST["$id machine"]:-} ]] || printf ',\n  "machine": [%s]' "$machine${machine:+$'\n  '}"
  printf ',\n  "plan": %s,\n  "finished": %s' "$(json "${MANIFEST["$id plan"]}")" "$(json "${MANIFEST["$id finished"]}")"
  value=${MANIFEST["$id seconds"]:-}
  [[ ! $value ]] || printf ',\n  "seconds": %d' "$value"
  printf ',\n  "tools": {"libvirt":%s,"qemu":%s}' "$(json "${MANIFEST["$id tools.libvirt"]}")" "$(json "${MANIFEST["$id tools.qemu"]}")"
  if [[ ${MANIFEST["$id stream.receive"]:-} ]]; then
    value=${MANIFEST["$id stream.delete"]:-}
    printf ',\n  "stream": {"receive":%s%s}' "$(json "${MANIFEST["$id stream.receive"]}")" "${value:+,\"delete\":$(json "$value")}"
  fi
  value=${MANIFEST["$id deviation"]:-}
  [[ ! $value ]] || printf ',\n  "deviation": %s' "$(json "$value")"
  ((${MANIFEST["$id leftOut"]:-0} == 0)) || printf ',\n  "leftOut": %s' "$(json_list "$id leftOut")"
  value=${MANIFEST["$id planned"]:-}
  [[ ! $value ]] || printf ',\n  "planned": %s' "$(json "$value")"
  value=${MANIFEST["$id frozen"]:-}
  [[ ! $value ]] || printf ',\n  "frozen": %s' "$value"
  value=${MANIFEST["$id onDemand"]:-}
  [[ ! $value ]] || printf ',\n  "onDemand": %s' "$value"
  for key in reason until; do
    value=${MANIFEST["$id pin.$key"]:-}
    [[ ! $value ]] || printf ',\n  "pin": {"%s":%s}' "$key" "$(json "$value")"
  done
  value=${MANIFEST["$id consolidated.at"]:-}
  [[ ! $value ]] || printf ',\n  "consolidated": {"at":%s,"of":%s}' "$(json "$value")" "$(json_list "$id consolidated.of")"
  printf ',\n  "domainXml": {"file":"domain.xml","sha256":%s}\n}\n' "$(json "${MANIFEST["$id domainXml.sha256"]}")"
}

# print_disk KEY: prints a disk from MANIFEST[KEY.…]
print_disk() {
  local key value base=null device=null inode=null node="" written="" compression=""
  value=${MANIFEST["$1.base"]:-}
  [[ ! $value ]] || base=$(json "$value")
  value=${MANIFEST["$1.source.device"]:-}
  [[ ! $value ]] || device=$(json "$value")
  value=${MANIFEST["$1.source.inode"]:-}
  [[ ! $value ]] || inode=$(json "$value")
  printf '{"target":%s,"level":%s,"base":%s,"bitmap":%s' \
    "$(json "${MANIFEST["$1.target"]}")" "$(json "${MANIFEST["$1.level"]}")" "$base" "${MANIFEST["$1.bitmap"]}"
  value=${MANIFEST["$1.source.node"]:-}
  [[ ! $value ]] || node=,\"node\":$(json "$value")
  value=${MANIFEST["$1.source.birth"]:-}
  [[ ! ${MANIFEST["$1.source.written.boot"]:-} ]] ||
    written=",\"written\":{\"boot\":$(json "${MANIFEST["$1.source.written.boot"]}"),\"files\":$(json_list "$1.source.written.files")}"
  printf ',"source":{"type":%s,"name":%s,"device":%s,"inode":%s,"birth":%s%s,"backing":%s%s}' \
    "$(json "${MANIFEST["$1.source.type"]}")" "$(json "${MANIFEST["$1.source.name"]}")" "$device" "$inode" "${value:-null}" "$node" "$(json_list "$1.source.backing")" "$written"
  value=${MANIFEST["$1.compression.method"]:-}
  [[ ! $value ]] || compression=",\"compression\":{\"method\":$(json "$value"),\"data\":${MANIFEST["$1.compression.data"]}}"
  printf ',"image":%s,"format":%s%s,"virtualSize":%s,"size":%s,"sha256":%s}' \
    "$(json "${MANIFEST["$1.image"]}")" "$(json "${MANIFEST["$1.format"]}")" "$compression" "${MANIFEST["$1.virtualSize"]}" "${MANIFEST["$1.size"]}" \
    "$(json "${MANIFEST["$1.sha256"]}")"
}

# json_list KEY: prints an array of the texts in MANIFEST[KEY.0], MANIFEST[KEY.1] and so on
json_list() {
  local text=""
  local -i index
  for ((index = 0; index < ${MANIFEST["$1"]:-0}; index++)); do text+=${text:+,}$(json "${MANIFEST["$1.$index"]}"); done
  printf '[%s]' "$text"
}

makes_checkpoint() {
  local target
  for target in "${DISKS[@]}"; do [[ ${BITMAP[$target]} != yes ]] || return 0; done
  return 1
}

run_level() {
  local target
  for target in "${DISKS[@]}"; do
    [[ ${LEVEL[$target]} == full ]] || {
      printf '%s' "${POINT[level]}"
      return
    }
  done
  printf full
}

# Relative where it can be, so that a repository can be moved.
relative_image() {
  if [[ ${IMAGE_TYPE[$1]} == block ]]; then
    printf '%s' "${IMAGE[$1]}"
  else
    realpath -ms --relative-to="${DOMAIN[folder]}/${POINT[name]}" -- "${IMAGE[$1]}"
  fi
}

loaded seal
