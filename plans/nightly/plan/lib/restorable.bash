# Which restore point builds on which, and whether all of their images exist, by the manifests and by the images themselves.
# Calls: chain (backing_in_qcow2 fault_of_qcow2), manifest (find_field find_image points read_manifest), stream (is_streamed)
# Reads: MANIFEST, MANIFEST_FAULT, VALUE
# Sets: nothing

# Why a restore point cannot be restored, as the end of the sentence "… cannot be restored: …".
declare LACKS=""
# Sizes in bytes by path, "" if the file is missing; and the backing file that the header of an image names, by the image's path.
declare -A IMAGE_BYTES=() BACKING=()

# is_restorable POINT: whether each disk has all images of its chain; otherwise LACKS says what is wrong
is_restorable() {
  local -i index
  LACKS=""
  if ! read_manifest "$1"; then
    LACKS=${MANIFEST_FAULT:-"$1 is missing"}
    return 1
  fi
  for ((index = 0; index < ${MANIFEST["$1 disks"]}; index++)); do
    has_chain "$1" "${MANIFEST["$1 disks.$index.target"]}" || return 1
  done
}

# chain_images POINT TARGET: sets IMAGES to the paths of the chain's images, up to the first manifest that is missing or damaged
declare -a IMAGES=()
chain_images() {
  local point=$1
  IMAGES=()
  while [[ $point ]] && read_manifest "$point" && [[ ${MANIFEST["$point @$2"]:-} ]]; do
    is_streamed "$point" || { find_image "$point" "$2"; IMAGES+=("$VALUE"); }
    find_field "$point" "$2" base
    point=$VALUE
  done
}

# has_chain POINT TARGET: whether all images of the disk's chain have the size that the manifests say; otherwise LACKS says what is wrong
has_chain() {
  local point=$1 target=$2 image
  LACKS=""
  chain_images "$point" "$target"
  ((${#IMAGES[@]} == 0)) || measure "${IMAGES[@]}"
  # A base is always older, so the loop ends.
  while [[ $point ]]; do
    if ! read_manifest "$point"; then
      LACKS=${MANIFEST_FAULT:-"$point is missing"}
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
        LACKS="$image is missing"
        [[ ! ${IMAGE_BYTES["$image"]} ]] || LACKS="$image has ${IMAGE_BYTES["$image"]} bytes, but its manifest says $VALUE"
        return 1
      }
    fi
    find_field "$point" "$target" base
    point=$VALUE
  done
}

# measure PATH…: reads the sizes that are not known yet, with one process
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

# forget_images: to be called after images were written, moved or removed
forget_images() { IMAGE_BYTES=() BACKING=(); }

# measure_points: reads the sizes of the images of all restore points at once
measure_points() {
  local name
  local -i index
  local -a images=()
  while IFS= read -r name; do
    read_manifest "$name" && ! is_streamed "$name" || continue
    for ((index = 0; index < ${MANIFEST["$name disks"]}; index++)); do
      find_image "$name" "${MANIFEST["$name disks.$index.target"]}"
      images+=("$VALUE")
    done
  done < <(points)
  ((${#images[@]} == 0)) || measure "${images[@]}"
}

# find_dependant POINT: sets DEPENDANT to a restore point that builds on it, according to the manifest or to the header of an image;
# status 1 if there is none, 2 if a header cannot be read (LACKS says which)
declare DEPENDANT=""
find_dependant() {
  local point=$1 name image other
  local -i index
  local -a images=()
  DEPENDANT="" LACKS=""
  for ((index = 0; index < ${MANIFEST["$point disks"]:-0}; index++)); do
    find_image "$point" "${MANIFEST["$point disks.$index.target"]}"
    images+=("$VALUE")
  done
  while IFS= read -r name; do
    [[ $name != "$point" ]] && read_manifest "$name" || continue
    for ((index = 0; index < ${MANIFEST["$name disks"]}; index++)); do
      find_field "$name" "${MANIFEST["$name disks.$index.target"]}" base
      [[ $VALUE != "$point" ]] || DEPENDANT=$name
      [[ ${MANIFEST["$name disks.$index.format"]} == qcow2 ]] && ! is_streamed "$name" || continue
      find_image "$name" "${MANIFEST["$name disks.$index.target"]}"
      image=$VALUE
      [[ -e $image ]] || continue
      read_header "$image" || return 2
      [[ ${BACKING["$image"]} ]] || continue
      # By default, an image is in the folder of its restore point; with `target` it may be anywhere.
      [[ ${BACKING["$image"]} != *"/$point/"* ]] || DEPENDANT=$name
      for other in "${images[@]}"; do [[ ! ${BACKING["$image"]} -ef $other ]] || DEPENDANT=$name; done
    done
    [[ ! $DEPENDANT ]] || return 0
  done < <(points)
  return 1
}

# read_header IMAGE: reads the backing file that the header names, as an absolute path if it is a file
read_header() {
  local image=$1 output
  [[ ! ${BACKING["$image"]+known} ]] || return 0
  output=$(fault_of_qcow2 "$image")
  [[ ! $output ]] || {
    LACKS="$image $output"
    return 1
  }
  output=$(backing_in_qcow2 "$image") || {
    LACKS="the name of the backing file in $image cannot be read"
    return 1
  }
  [[ ! $output || $output == /* || $output =~ ^[a-z]+: ]] || output=${image%/*}/$output
  BACKING["$image"]=$output
}

loaded restorable
