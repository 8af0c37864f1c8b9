# Copies by hours: where the bandwidth depends on the hour, a disk is copied a part at a time, each under the limit of its hour, because a
# program that copies cannot be told of another limit. The last part is begun and not awaited, as any copy. A full that is compressed is one
# part: qemu-img compresses only what it writes from the beginning of an image.
# Calls: bandwidth (bandwidth_at throttle_objects), chain (block_node), compress (compresses_copy window), copies (await_copy
#   start_copy), images (disk_size), messages (die), nbd (nbd_objects)
# Reads: COPIED, COPYING, COPY_LENGTH, COPY_PARTS, FORMAT, IMAGE, LIMIT, RUN
# Sets: COPIED, COPY_FROM, COPY_LENGTH, COPY_PARTS

has_hours() { ((${#LIMIT[@]} > 1)); }

# copies_in_parts TARGET: whether the whole disk is copied so
copies_in_parts() { has_hours && [[ ! ${RUN[dry]} ]] && ! compresses_copy "$1"; }

# next_part TARGET: waits for the part before, and sets REPLY to the bytes of the next one: what ten seconds allow, within reason
next_part() {
  local -i copied=$COPIED mib
  if [[ ${COPYING[$1]:-} ]]; then
    await_copy
    # The disk is not copied yet.
    COPIED=$copied
  fi
  bandwidth_at
  mib=$((REPLY == 0 ? 1024 : REPLY * 10 >> 20))
  REPLY=$(((mib < 32 ? 32 : mib > 1024 ? 1024 : mib) << 20))
}

# copy_in_parts TARGET SOURCE-NODE [stopped]: a whole disk, from the export, or from its own file
copy_in_parts() {
  local target=$1 node
  local -a options
  local -i at size length
  size=$(disk_size "$target") || die "the size of $target is not known"
  node=$(block_node "${FORMAT[$target]}" "${IMAGE[$target]}")
  for ((at = 0; at < size; at += length)); do
    next_part "$target"
    length=$((size - at < REPLY ? size - at : REPLY))
    if [[ ${3:-} ]]; then mapfile -t options < <(printf '%s\n' -U && throttle_objects); else mapfile -t options < <(nbd_objects); fi
    COPY_FROM[$target]=$((at * 10000 / size)) COPY_LENGTH[$target]=$((length * 10000 / size))
    start_copy "$target" /dev/null qemu-img convert "${options[@]}" -p -n -f raw -O raw -- "json:$(window "$2" "$at" "$length")" "json:$(window "$node" "$at" "$length")"
  done
}

# take_in_parts TARGET COMMANDS NODE: what a file of commands says, by qemu-io
take_in_parts() {
  local target=$1 commands batch line
  local -a object
  local -i left count from=0 all=${COPY_PARTS[$1]}
  exec {commands}<"$2"
  batch=$(mktemp)
  while :; do
    next_part "$target"
    left=$REPLY count=0
    while ((left > 0)) && read -r line; do
      printf '%s\n' "$line"
      left+=-${line##* } count+=1
    done <&"$commands" >"$batch"
    COPY_PARTS[$target]=$count
    COPY_FROM[$target]=$((all > 0 ? from * 10000 / all : 0)) COPY_LENGTH[$target]=$((all > 0 ? count * 10000 / all : 0))
    mapfile -t object < <(nbd_objects)
    start_copy "$target" "$batch" qemu-io "${object[@]}" -C "json:$3"
    from+=$count
    ((from < all)) || break
  done
  exec {commands}<&-
  rm -f -- "$batch"
}

loaded hours
