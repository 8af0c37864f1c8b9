# The images that a disk of a restore point is read from. The manifests decide which images these are, and QEMU gets each of them by
# name. The header of an image decides nothing: anybody who can write to the repository can let it name any file or server. Each
# header is checked against its manifest nevertheless, because qemu-img alone goes by the headers.
# Calls: images (seen_from), json (json json_read), manifest (disk_field has_manifest image_path is_damaged), messages (error)
# Reads: ANSWER, DOMAIN, JSON, JSON_TYPE, MANIFEST_FAULT, RUN
# Sets: nothing

# qemu-img COMMAND…: each call has the policy's time limit, so that storage that hangs costs this domain its run, and no other domain
# its. A restore, which has no policy, may take its time.
qemu-img() {
  local status=0
  timeout --foreground --kill-after=10 "${ANSWER[time-limit]:-0}" qemu-img "$@" || status=$?
  ((status != 124)) || error "qemu-img $1 did not end within ${ANSWER[time-limit]} s"
  return "$status"
}

declare -a CHAIN=()
declare CHAIN_FAULT="" IMAGE_FAULT=""
# Images that this shell has opened, by path. So the file that was checked is the file that is read, even if its name was changed.
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
      CHAIN_FAULT="the disk $2 builds on a restore point whose manifest is damaged: $MANIFEST_FAULT; $MEND_MANIFEST"
    elif ! has_manifest "$point"; then
      CHAIN_FAULT="the restore point $point is missing, and the disk $2 builds on it"
    elif [[ ! $(disk_field "$point" "$2" image) ]]; then
      CHAIN_FAULT="the disk $2 builds on the restore point $point, which does not have this disk"
    else
      CHAIN+=("$point")
      point=$(disk_field "$point" "$2" base)
      continue
    fi
    return 1
  done
}

# chain_node POINT TARGET: prints the block node of the disk for "json:", with all images of the chain; status 1 with CHAIN_FAULT
chain_node() {
  local node=null
  local -i layer
  chain_of "$1" "$2" || return 1
  for ((layer = ${#CHAIN[@]} - 1; layer >= 0; layer--)); do
    node=$(block_node "$(disk_field "${CHAIN[layer]}" "$2" format)" "$(image_path "${CHAIN[layer]}" "$2")" "$node")
  done
  printf '%s' "$node"
}

# block_node FORMAT IMAGE [BACKING-NODE]: prints a block node; without a backing node it has none, whatever the header says
block_node() {
  local backing=""
  [[ $1 == raw ]] || backing=,\"backing\":${3:-null}
  file_node "$1" "$2" "$backing"
}

# file_node FORMAT IMAGE [MORE]: prints a block node whose header is believed
file_node() {
  local driver=file
  [[ ! -b $2 ]] || driver=host_device
  printf '{"driver":"%s","file":{"driver":"%s","filename":%s}%s}' "$1" "$driver" "$(json "$(held_path "$2")")" "${3:-}"
}

# hold IMAGE: opens the image until this shell ends
hold() {
  local descriptor
  [[ ! ${HELD[$1]:-} ]] || return 0
  { exec {descriptor}<"$1"; } 2>/dev/null || return 1
  HELD[$1]=/dev/fd/$descriptor
}

# held_path IMAGE: prints the path to read it from; in a dry run, its name
held_path() { if [[ ${RUN[dry]:-} ]]; then printf '%s' "$1"; else printf '%s' "${HELD[$1]:-$1}"; fi; }

# check_image POINT TARGET: whether file and header of an image are as its manifest says; status 1 with IMAGE_FAULT
check_image() {
  local image format base base_format="" size
  image=$(image_path "$1" "$2")
  format=$(disk_field "$1" "$2" format)
  base=$(disk_field "$1" "$2" base)
  size=$(disk_field "$1" "$2" virtualSize)
  check_file "$image" || return 1
  [[ ! $base ]] || base_format=$(disk_field "$base" "$2" format)
  check_header "$image" "${format:-unknown}" "$(backing_name "$1" "$2" "$base")" "$base_format" "$size"
}

# backing_name POINT TARGET BASE: prints the name that the image's header must have for the base's image
backing_name() {
  local base_image
  [[ $3 ]] || return 0
  base_image=$(image_path "$3" "$2")
  if [[ $(disk_field "$1" "$2" image) == /* ]]; then printf '%s' "$base_image"; else seen_from "$(image_path "$1" "$2")" "$base_image"; fi
}

# check_file IMAGE: whether it is a file or a block device. In the domain's folder, no part of its path may be a link.
check_file() {
  IMAGE_FAULT=""
  if [[ ! -e $1 && ! -L $1 ]]; then
    IMAGE_FAULT="$1 is missing"
  elif [[ ! -f $1 && ! -b $1 ]]; then
    IMAGE_FAULT="$1 is neither a file nor a block device"
  elif [[ $1 == "${DOMAIN[folder]}"/* && $(realpath -e -- "$1") != "$(realpath -e -- "${DOMAIN[folder]}")${1#"${DOMAIN[folder]}"}" ]]; then
    IMAGE_FAULT="the path of $1 has a link in it: replace the link by the file or folder itself"
  fi
  [[ ! $IMAGE_FAULT ]]
}

# check_header IMAGE FORMAT BACKING BACKING-FORMAT [VIRTUAL-SIZE]: whether the header agrees with the manifest, read first without QEMU and
# then by qemu-img, which opens no backing file; status 1 with IMAGE_FAULT
check_header() {
  local output key
  IMAGE_FAULT=""
  case $2 in
    qcow2) IMAGE_FAULT=$(fault_of_qcow2 "$(held_path "$1")") ;;
    raw) [[ ! $3 ]] || IMAGE_FAULT="is raw, and its manifest says that it builds on another image" ;;
    *) IMAGE_FAULT="has a format that no run makes" ;;
  esac
  if [[ ! $IMAGE_FAULT ]]; then
    if ! output=$(qemu-img info -U --output=json -- "json:$(block_node "$2" "$1")") || ! json_read "$output"; then
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

# fault_of_qcow2 FILE: prints what a header has that no run makes; nothing if there is none. qemu-img info would open an external data
# file (docs/interop/qcow2.txt of QEMU: bytes 4 version, 32 encryption, 60 snapshots, 72 incompatible features).
fault_of_qcow2() {
  local -a header=()
  header_of_qcow2 "$1"
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

# header_of_qcow2 FILE: sets the array of the caller, header, to the first bytes of the file as numbers
header_of_qcow2() { IFS=$' \n' read -r -d '' -a header < <(od -A n -v -t u1 -N 104 -- "$1") || true; }

# backing_in_qcow2 FILE: prints the backing file's name from a header that fault_of_qcow2 has accepted; status 1 if it cannot be read. Bytes
# 8 to 15 are the offset of the name, in the first cluster, so below 2 MiB; bytes 16 to 19 its length, 1023 at most. QEMU ends it at a NUL.
backing_in_qcow2() {
  local -a header=() bytes=()
  local -i at=0 length=0 index
  local name=""
  header_of_qcow2 "$1"
  ((${#header[@]} >= 72)) || return 1
  for ((index = 8; index < 16; index++)); do at=$((at << 8 | header[index])); done
  ((at != 0)) || return 0
  for ((index = 16; index < 20; index++)); do length=$((length << 8 | header[index])); done
  ((at > 0 && at <= 2 << 20 && length > 0 && length <= 1023)) || return 1
  IFS=$' \n' read -r -d '' -a bytes < <(od -A n -v -t x1 -j "$at" -N "$length" -- "$1" 2>/dev/null) || true
  ((${#bytes[@]} == length)) || return 1
  for ((index = 0; index < length; index++)); do
    [[ ${bytes[index]} != 00 ]] || break
    name+="\\x${bytes[index]}"
  done
  printf '%b' "$name"
}

loaded chain
