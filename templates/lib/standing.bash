# What builds on what, and whether all of it is there, by the manifests and by the images themselves.
# Calls: chain (block_node fault_of_qcow2), json (json_read), manifest (find_field find_image points read_manifest), stream
#   (is_streamed)
# Reads: JSON, JSON_FAULT, MANIFEST, MANIFEST_FAULT, VALUE
# Sets: nothing

# What a restore would look for in vain, as the end of "… cannot be restored: …".
declare LACKS=""
# Bytes by path, "" of what is not there; what an image's header names as its backing file, by path.
declare -A IMAGE_BYTES=() BACKING=()

# is_restorable POINT: each disk, down to its full; else LACKS says what is wrong
is_restorable() {
  local -i place
  LACKS=""
  if ! read_manifest "$1"; then
    LACKS=${MANIFEST_FAULT:-"$1 is gone"}
    return 1
  fi
  for ((place = 0; place < ${MANIFEST["$1 disks"]}; place++)); do
    has_chain "$1" "${MANIFEST["$1 disks.$place.target"]}" || return 1
  done
}

# has_chain POINT TARGET: the disk's image is as long as its manifest says, and so is each that it builds on; else LACKS
has_chain() {
  local point=$1 target=$2 image
  LACKS=""
  # An older one each time, so that this comes to an end.
  while [[ $point ]]; do
    if ! read_manifest "$point"; then
      LACKS=${MANIFEST_FAULT:-"$point is gone"}
      return 1
    fi
    if [[ ! ${MANIFEST["$point @$target"]:-} ]]; then
      LACKS="$point has no disk $target"
      return 1
    fi
    if ! is_streamed "$point"; then
      find_image "$point" "$target"
      image=$VALUE
      find_field "$point" "$target" size
      measure "$image"
      [[ ${IMAGE_BYTES["$image"]} == "$VALUE" ]] || {
        LACKS="$image is gone"
        [[ ! ${IMAGE_BYTES["$image"]} ]] || LACKS="$image has ${IMAGE_BYTES["$image"]} bytes, and its manifest says $VALUE"
        return 1
      }
    fi
    find_field "$point" "$target" base
    point=$VALUE
  done
}

# measure PATH…: those that are not known yet, in one process
measure() {
  local path size
  local -a new=()
  for path in "$@"; do
    [[ ${IMAGE_BYTES["$path"]+known} ]] || new+=("$path")
    IMAGE_BYTES["$path"]=${IMAGE_BYTES["$path"]:-}
  done
  ((${#new[@]} > 0)) || return 0
  while IFS=' ' read -r -d '' size path; do IMAGE_BYTES["$path"]=$size; done < <(stat -L --printf '%s %n\0' -- "${new[@]}" 2>/dev/null)
}

# forget_images: after some were written, moved or removed
forget_images() { IMAGE_BYTES=() BACKING=(); }

# measure_points: the images of all restore points at once
measure_points() {
  local name
  local -i place
  local -a images=()
  while IFS= read -r name; do
    read_manifest "$name" && ! is_streamed "$name" || continue
    for ((place = 0; place < ${MANIFEST["$name disks"]}; place++)); do
      find_image "$name" "${MANIFEST["$name disks.$place.target"]}"
      images+=("$VALUE")
    done
  done < <(points)
  ((${#images[@]} == 0)) || measure "${images[@]}"
}

# stands_on POINT: sets DEPENDANT to a restore point that builds on it by its manifest, or by the header of one of its images; status 1
# if there is none, 2 if a header cannot be read (LACKS says which)
declare DEPENDANT=""
stands_on() {
  local point=$1 name image own
  local -i place
  local -a images=()
  DEPENDANT="" LACKS=""
  for ((place = 0; place < ${MANIFEST["$point disks"]:-0}; place++)); do
    find_image "$point" "${MANIFEST["$point disks.$place.target"]}"
    images+=("$VALUE")
  done
  while IFS= read -r name; do
    [[ $name != "$point" ]] && read_manifest "$name" || continue
    for ((place = 0; place < ${MANIFEST["$name disks"]}; place++)); do
      find_field "$name" "${MANIFEST["$name disks.$place.target"]}" base
      [[ $VALUE != "$point" ]] || DEPENDANT=$name
      [[ ${MANIFEST["$name disks.$place.format"]} == qcow2 ]] && ! is_streamed "$name" || continue
      find_image "$name" "${MANIFEST["$name disks.$place.target"]}"
      image=$VALUE
      [[ -e $image ]] || continue
      read_header "$image" || return 2
      [[ ${BACKING["$image"]} ]] || continue
      # Its default folder is named after it; a target of the policy may lie anywhere.
      [[ ${BACKING["$image"]} != *"/$point/"* ]] || DEPENDANT=$name
      for own in "${images[@]}"; do [[ ! ${BACKING["$image"]} -ef $own ]] || DEPENDANT=$name; done
    done
    [[ ! $DEPENDANT ]] || return 0
  done < <(points)
  return 1
}

# read_header IMAGE: keeps what it names as its backing file, as a path where it is a file's
read_header() {
  local image=$1 said
  [[ ! ${BACKING["$image"]+known} ]] || return 0
  said=$(fault_of_qcow2 "$image")
  [[ ! $said ]] || {
    LACKS="$image $said"
    return 1
  }
  if ! said=$(qemu-img info -U --output=json -- "json:$(block_node qcow2 "$image")" 2>&1); then
    LACKS="$image cannot be read: $said"
    return 1
  fi
  json_read "$said" || {
    LACKS="$image cannot be read: what qemu-img says of it is not JSON: $JSON_FAULT"
    return 1
  }
  said=${JSON[backing-filename]:-}
  [[ ! $said || $said == /* || $said =~ ^[a-z]+: ]] || said=${image%/*}/$said
  BACKING["$image"]=$said
}

loaded standing
