# What a disk of a restore point is read from. The manifests say it, and QEMU is told so image by image: a header, which whoever
# can write to the repository can change, may name any file and any server, and decides nothing. That it says the same as the
# manifest is checked as well, as everybody who reads the repository with qemu-img alone goes by the headers.
# Calls: images (seen_from), json (json json_read), manifest (disk_field has_manifest image_path is_damaged)
# Reads: DOMAIN, JSON, JSON_TYPE, MANIFEST_FAULT, RUN
# Sets: nothing

declare -a CHAIN=()
declare CHAIN_FAULT="" IMAGE_FAULT=""
# Images that are open here, by their path: what was checked is what is read, also if the name is given to another file meanwhile.
declare -A HELD=()

# chain_of POINT TARGET: sets CHAIN to the restore points whose images the disk is read from, newest first; or status 1 with
# CHAIN_FAULT
chain_of() {
  local point=$1
  CHAIN=() CHAIN_FAULT=""
  while [[ $point ]]; do
    if [[ " ${CHAIN[*]} " == *" $point "* ]]; then
      CHAIN_FAULT="the manifests say that the disk $2 of $point builds on itself"
    elif is_damaged "$point"; then
      CHAIN_FAULT="$MANIFEST_FAULT, and the disk $2 builds on it; $MEND_MANIFEST"
    elif ! has_manifest "$point"; then
      CHAIN_FAULT="the restore point $point is missing, and the disk $2 builds on it"
    elif [[ ! $(disk_field "$point" "$2" image) ]]; then
      CHAIN_FAULT="the restore point $point has no disk $2, which builds on it"
    else
      CHAIN+=("$point")
      point=$(disk_field "$point" "$2" base)
      continue
    fi
    return 1
  done
}

# chain_node POINT TARGET: the disk's block node as QEMU takes it in "json:", all layers named; status 1 with CHAIN_FAULT
chain_node() {
  local node=null
  local -i layer
  chain_of "$1" "$2" || return 1
  for ((layer = ${#CHAIN[@]} - 1; layer >= 0; layer--)); do
    node=$(block_node "$(disk_field "${CHAIN[layer]}" "$2" format)" "$(image_path "${CHAIN[layer]}" "$2")" "$node")
  done
  printf '%s' "$node"
}

# block_node FORMAT IMAGE [BACKING-NODE]: without a backing node the image stands alone, whatever its header says
block_node() {
  local driver=file backing=""
  [[ ! -b $2 ]] || driver=host_device
  [[ $1 == raw ]] || backing=,\"backing\":${3:-null}
  printf '{"driver":"%s","file":{"driver":"%s","filename":%s}%s}' "$1" "$driver" "$(json "$(held_path "$2")")" "$backing"
}

# hold IMAGE: opens it until this shell ends
hold() {
  local descriptor
  [[ ! ${HELD[$1]:-} ]] || return 0
  { exec {descriptor}<"$1"; } 2>/dev/null || return 1
  HELD[$1]=/dev/fd/$descriptor
}

# held_path IMAGE: where to read it; in a dry run the name that a person could type
held_path() { if [[ ${RUN[dry]:-} ]]; then printf '%s' "$1"; else printf '%s' "${HELD[$1]:-$1}"; fi; }

# check_image POINT TARGET: whether file and header of an image are what its manifest says; or status 1 with IMAGE_FAULT
check_image() {
  local image format base below="" size
  image=$(image_path "$1" "$2")
  format=$(disk_field "$1" "$2" format)
  base=$(disk_field "$1" "$2" base)
  size=$(disk_field "$1" "$2" virtualSize)
  check_file "$image" || return 1
  [[ ! $base ]] || below=$(disk_field "$base" "$2" format)
  check_header "$image" "${format:-unknown}" "$(backing_name "$1" "$2" "$base")" "$below" "$size"
}

# backing_name POINT TARGET BASE: what the image's header calls the predecessor's image
backing_name() {
  local below
  [[ $3 ]] || return 0
  below=$(image_path "$3" "$2")
  if [[ $(disk_field "$1" "$2" image) == /* ]]; then printf '%s' "$below"; else seen_from "$(image_path "$1" "$2")" "$below"; fi
}

# check_file IMAGE: a file or block device; below the domain's folder at its own place, and not behind a link
check_file() {
  IMAGE_FAULT=""
  if [[ ! -e $1 && ! -L $1 ]]; then
    IMAGE_FAULT="$1 is missing"
  elif [[ ! -f $1 && ! -b $1 ]]; then
    IMAGE_FAULT="$1 is neither a file nor a block device"
  elif [[ $1 == "${DOMAIN[folder]}"/* && $(realpath -e -- "$1") != "$(realpath -e -- "${DOMAIN[folder]}")${1#"${DOMAIN[folder]}"}" ]]; then
    IMAGE_FAULT="$1 lies behind a link: move the file or folder itself to where the link is"
  fi
  [[ ! $IMAGE_FAULT ]]
}

# check_header IMAGE FORMAT BACKING BACKING-FORMAT [VIRTUAL-SIZE]: what the header says, first without QEMU, then by it, alone;
# or status 1 with IMAGE_FAULT
check_header() {
  local said key
  IMAGE_FAULT=""
  case $2 in
    qcow2) IMAGE_FAULT=$(fault_of_qcow2 "$(held_path "$1")") ;;
    raw) [[ ! $3 ]] || IMAGE_FAULT="is raw, and its manifest says that it builds on another image" ;;
    *) IMAGE_FAULT="has a format that no run makes" ;;
  esac
  if [[ ! $IMAGE_FAULT ]]; then
    if ! said=$(qemu-img info -U --output=json -- "json:$(block_node "$2" "$1")") || ! json_read "$said"; then
      IMAGE_FAULT="cannot be read by qemu-img"
    elif [[ ${JSON[backing-filename]:-} != "$3" ]]; then
      IMAGE_FAULT="builds on ${JSON[backing-filename]:-nothing}, not on ${3:-nothing} as its manifest says"
    elif [[ $3 && ${JSON[backing-filename-format]:-} != "$4" ]]; then
      IMAGE_FAULT="says that its backing file has the format ${JSON[backing-filename-format]:-that QEMU guesses}, but its manifest says $4"
    elif [[ ${5:-} && ${JSON[virtual-size]:-} != "$5" ]]; then
      IMAGE_FAULT="holds a disk of ${JSON[virtual-size]:-unknown} bytes, not of $5 as its manifest says"
    fi
    for key in encrypted snapshots format-specific.data.data-file format-specific.data.encrypt; do
      [[ ! ${JSON_TYPE[$key]:-} || ${JSON[$key]} == false || $2 == raw ]] || IMAGE_FAULT="has ${key##*.}, which no run makes"
    done
  fi
  [[ $IMAGE_FAULT ]] || return 0
  IMAGE_FAULT="$1 $IMAGE_FAULT"
  return 1
}

# fault_of_qcow2 FILE: what of a qcow2 header no run makes; nothing if it is plain. qemu-img info would open an external data file
# to tell that there is one (docs/interop/qcow2.txt of QEMU: bytes 4 version, 32 encryption, 60 snapshots, 72 incompatible features).
fault_of_qcow2() {
  local -a header=()
  IFS=$' \n' read -r -d '' -a header < <(od -A n -v -t u1 -N 104 -- "$1") || true
  if ((${#header[@]} < 72)) || [[ ${header[*]:0:7} != "81 70 73 251 0 0 0" ]] || ((header[7] != 2 && header[7] != 3)); then
    printf 'is no qcow2 image'
  elif [[ ${header[*]:32:4} != "0 0 0 0" ]]; then
    printf 'is encrypted, which no run makes'
  elif [[ ${header[*]:60:4} != "0 0 0 0" ]]; then
    printf 'holds internal snapshots, which no run makes'
  elif ((header[7] == 3 && ${#header[@]} < 104)); then
    printf 'is no qcow2 image'
  elif ((header[7] == 3 && (header[79] & 4))); then
    printf 'keeps its data in another file, which no run makes'
  elif ((header[7] == 3 && (header[79] & 2))); then
    printf 'is marked as damaged'
  fi
}

loaded chain
