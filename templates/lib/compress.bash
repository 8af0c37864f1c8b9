# Compression: images whose clusters qcow2 stores compressed. QEMU's filter `compress` does it to whatever is written through it. libvirt has
# no word for it, so what a job of push mode has written is compressed after the job.
# Calls: chain (block_node chain_node), copies (copy_failed find_fault limited), files (claim), images (backing_format backing_of
#   check_structure virtual_size), journal (journal), json (json_read), messages (die end_progress note progress refuse), run
#   (step), state (fault)
# Reads: BASE, CHAIN_FAULT, COPY_FAULT, DISKS, DOMAIN, FORMAT, IMAGE, JSON, RUN
# Sets: RUN

# How the images of a disk are compressed, by target.
declare -A COMPRESS=()

# compress TARGET METHOD
compress() { COMPRESS[$1]=$2; }

# compresses_copy TARGET: whether this run writes the image itself, and compressed
compresses_copy() { [[ ${COMPRESS[$1]:-} && ${FORMAT[$1]} == qcow2 && (${DOMAIN[mode]} == pull || ${RUN[state]} == offline) ]]; }

# check_compression: refuses what the tools of this host cannot do. A build may lack a method, and says so only when it is used.
check_compression() {
  local target work printed method=""
  for target in "${DISKS[@]}"; do method=${COMPRESS[$target]:-$method}; done
  [[ $method && ! ${RUN[dry]} ]] || return 0
  work=$(mktemp -d)
  if ! printed=$(qemu-img create -q -f qcow2 -o compression_type="$method" -- "$work/image" 1M 2>&1) ||
    ! printed=$(qemu-io -c 'write -q 0 64k' "json:$(compressing "$(block_node qcow2 "$work/image")")" 2>&1) ||
    ! printed=$(qemu-img check --output=json -- "$work/image" 2>&1) || ! json_read "$printed" || [[ ${JSON[compressed-clusters]:-} != 1 ]]; then
    rm -rf -- "$work"
    refuse "qemu-img or qemu-io of this host cannot compress with $method (${printed:-no reason given}): remove compress from the policy, or install tools that can, and compile the policy again"
  fi
  rm -rf -- "$work"
}

# compressing NODE: prints a block node that compresses what is written to it
compressing() { printf '{"driver":"compress","file":%s}' "$1"; }

# compress_images: the images that QEMU's job has written
compress_images() {
  step "compress the images" || return 0
  local target
  RUN[copying]=$SECONDS
  for target in "${DISKS[@]}"; do
    [[ ! ${COMPRESS[$target]:-} || ${FORMAT[$target]} != qcow2 ]] || compress_image "$target"
  done
}

# compress_image TARGET: copies the image, a part at a time, into a compressed one that takes its name. A part that was copied, and compared, is
# given back to the file system, so that no second copy of the disk lies here. The run has no manifest yet: until it has, both are undone.
compress_image() {
  local target=$1 image=${IMAGE[$1]} new=${IMAGE[$1]}.compressed under=null own extents status=""
  local -a backing=()
  local -i size at length part=1073741824 started=$SECONDS
  if [[ ${RUN[dry]} ]]; then
    printf '  (compress, with %s: %s)\n' "${COMPRESS[$target]}" "$image"
    return
  fi
  check_structure "$image" || die "the image of $target is damaged: $image"
  size=$(virtual_size "$image" qcow2)
  journal image "$new"
  claim "$new" || die "$new exists already"
  if [[ ${BASE[$target]} ]]; then
    backing=(-F "$(backing_format "$target")" -b "$(backing_of "$target")")
    under=$(chain_node "${BASE[$target]}" "$target") || die "$CHAIN_FAULT"
  fi
  qemu-img create -q -u -f qcow2 -o compression_type="${COMPRESS[$target]}" "${backing[@]}" -- "$new" "$size"
  fit_disk "$new" "$size" whole
  own=$(block_node qcow2 "$image" "$under")
  extents=$(mktemp)
  for ((at = 0; at < size; at += part)); do
    length=$((size - at < part ? size - at : part))
    own_extents "$own" 1 "${BASE[$target]}" "$at" "$length" >"$extents" || die "the image of $target could not be read"
    [[ -s $extents ]] || continue
    take_extents "$(compressing "$(block_node qcow2 "$new" "$own")")" <"$extents" || copy_failed "the image of $target could not be compressed: $COPY_FAULT"
    limited qemu-img compare -q -- "json:$(window "$own" "$at" "$length")" "json:$(window "$(block_node qcow2 "$new" "$under")" "$at" "$length")" ||
      copy_failed "the compressed image of $target is not the same as the image"
    fault "compressed a part of $target"
    progress $((at + length)) "$size" "$started"
    sed -n 's/^read/discard/p' "$extents" | qemu-io -d unmap "json:$(block_node qcow2 "$image")" >/dev/null || status=kept
  done
  end_progress
  rm -f -- "$extents"
  fit_disk "$new" "$size"
  [[ ! $status ]] || note "the space of $image could not be given back part by part"
  mv -fT -- "$new" "$image"
  fault "compressed $target"
}

# fit_disk IMAGE SIZE [whole]: sets the size of the disk in an image; with `whole` up to the end of its last cluster, because the filter
# `compress` takes no disk that ends within one
fit_disk() {
  local -i size=$2
  ((size % 65536 != 0)) || return 0
  [[ ! ${3:-} ]] || size=$(((size + 65535) / 65536 * 65536))
  qemu-img resize -q --shrink -- "json:$(block_node qcow2 "$1")" "$size"
}

# window NODE OFFSET LENGTH: prints a node of that part of it
window() { printf '{"driver":"raw","offset":%d,"size":%d,"file":%s}' "$2" "$3" "$1"; }

# own_extents NODE LAYERS BASE [OFFSET LENGTH]: prints the commands of qemu-io that take what the newest layers of the node hold. Zeros are
# written only where an image is below that may have something else there.
own_extents() {
  local map line
  local -i start length depth
  local -a range=()
  [[ ! ${4:-} ]] || range=(--start-offset="$4" --max-length="$5")
  map=$(qemu-img map --output=json "${range[@]}" -- "json:$1") || return 1
  while IFS= read -r line; do
    [[ $line =~ \"start\":\ ([0-9]+),\ \"length\":\ ([0-9]+),\ \"depth\":\ ([0-9]+), ]] || continue
    start=${BASH_REMATCH[1]} length=${BASH_REMATCH[2]} depth=${BASH_REMATCH[3]}
    ((depth < $2)) || continue
    if [[ $line == *'"data": true'* ]]; then
      print_pieces "read -q" "$start" "$length"
    elif [[ $3 ]]; then
      print_pieces "write -q -z" "$start" "$length"
    fi
  done <<<"$map"
}

# print_pieces COMMAND OFFSET LENGTH: in pieces that fit the buffer of qemu-io
print_pieces() {
  local -i offset=$2 length=$3 piece=16777216
  for (( ; length > 0; offset += piece, length -= piece)); do
    printf '%s %d %d\n' "$1" "$offset" "$((length < piece ? length : piece))"
  done
}

# take_extents NODE QEMU-IO-OPTION…: runs the commands on stdin. What is read through the image comes from its backing file, and is kept in it
# (copy on read). Status 1 with COPY_FAULT.
take_extents() {
  local node=$1 said
  local -i status=0
  said=$(limited qemu-io "${@:2}" -C "json:$node" 2>&1) || status=$?
  find_fault "$said" "$status" qemu-io
}

# data_bytes IMAGE: prints the bytes of data that a qcow2 image holds itself, before compression
data_bytes() {
  local node clusters
  node="json:$(block_node qcow2 "$1")"
  json_read "$(qemu-img check --output=json -- "$node" 2>/dev/null)" && clusters=${JSON[allocated-clusters]:-0} &&
    json_read "$(qemu-img info -U --output=json -- "$node")" && printf '%d' "$((clusters * JSON[cluster-size]))"
}

loaded compress
