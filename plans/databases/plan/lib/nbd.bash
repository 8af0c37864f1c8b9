# Pull mode: libvirt serves each disk over NBD while the job lives; the run copies it, or only what changed.

# nbd_json TARGET: the export as QEMU names it
nbd_json() {
  local place tls=""
  if [[ ${SERVER[transport]} == unix ]]; then
    place="{\"type\":\"unix\",\"path\":$(json "${SERVER[address]}")}"
  else
    place="{\"type\":\"inet\",\"host\":$(json "${SERVER[address]}"),\"port\":\"${SERVER[port]}\"}"
  fi
  [[ ${SERVER[tls]} == yes ]] && tls=',"tls-creds":"tidemark"'
  printf 'json:{"driver":"raw","file":{"driver":"nbd","export":%s,"server":%s%s}}' "$(json "${EXPORT[$1]}")" "$place" "$tls"
}

# nbd_uri TARGET: the export as libnbd names it
nbd_uri() {
  local scheme=nbd query="" host=${SERVER[address]}
  # An IPv6 address has colons of its own.
  [[ $host != *:* ]] || host="[$host]"
  [[ ${SERVER[tls]} == yes ]] && scheme=nbds query="?tls-certificates=$(percent "$(tls_folder)")"
  if [[ ${SERVER[transport]} == unix ]]; then
    printf 'nbd+unix:///%s?socket=%s' "$(percent "${EXPORT[$1]}")" "$(percent "${SERVER[address]}")"
  else
    printf '%s://%s:%s/%s%s' "$scheme" "$host" "${SERVER[port]}" "$(percent "${EXPORT[$1]}")" "$query"
  fi
}

# Certificates of the client, as libvirt and libnbd lay them out: ca-cert.pem, client-cert.pem, client-key.pem.
tls_folder() { printf '%s' "${TIDEMARK_TLS_CERTIFICATES:-/etc/pki/libvirt-backup}"; }

tls_object() {
  [[ ${SERVER[tls]} == yes ]] || return 0
  printf '%s\n' --object "tls-creds-x509,id=tidemark,endpoint=client,dir=$(tls_folder)"
}

percent() {
  local text=$1 out="" character
  local -i at byte
  for ((at = 0; at < ${#text}; at++)); do
    character=${text:at:1}
    if [[ $character != [A-Za-z0-9._~/-] ]]; then
      printf -v byte '%d' "'$character"
      printf -v character '%%%02X' "$((byte & 255))"
    fi
    out+=$character
  done
  printf '%s' "$out"
}

# limited COMMAND…: for as long as is left of the policy's time limit, which counts from the beginning of the copy. What hangs, such
# as a command that a stream goes through, would keep the domain's lock, and each later run from it.
limited() {
  local -i left=$((ANSWER[time-limit] - SECONDS + RUN[copying]))
  if [[ ${RUN[dry]} ]]; then
    run "$@"
  else
    timeout --foreground --kill-after=10 "$((left > 0 ? left : 1))" "$@"
  fi
}

# copy_failed MESSAGE
copy_failed() {
  ((SECONDS - RUN[copying] < ANSWER[time-limit])) || die "the copy took longer than ${ANSWER[time-limit]} s"
  die "$@"
}

# copy_over_nbd: every disk, then the end of the job, which removes socket and scratch
copy_over_nbd() {
  step "copy the disks" || return 0
  local target
  local -a object
  RUN[copying]=$SECONDS
  mapfile -t object < <(tls_object)
  for target in "${DISKS[@]}"; do
    if [[ ${STREAM[send]} ]]; then
      copy_stream "$target" "${object[@]}"
    elif [[ ${LEVEL[$target]} == full ]]; then
      limited qemu-img convert "${object[@]}" -n -f raw -O "${FORMAT[$target]}" -- "$(nbd_json "$target")" "${IMAGE[$target]}" ||
        copy_failed "the disk $target could not be copied"
    else
      copy_changes "$target" "${object[@]}"
    fi
    fault "copied $target"
  done
  # For pull mode this is the regular end; libvirt takes the server and the scratch files down.
  if [[ ${RUN[dry]} ]]; then
    run v domjobabort
    return
  fi
  await_libvirt
  v domjobabort >/dev/null || die "the job could not be ended"
  local -i patience=300
  while [[ $(job_operation) == Backup ]]; do
    ((patience-- > 0)) || die "the job does not end"
    sleep 0.1
  done
  fault "copied"
}

# copy_changes TARGET: reads the dirty extents through the image while it stands on the export, so that each is copied into
# it (copy on read); then the image is put back on its predecessor
copy_changes() {
  local target=$1 image=${IMAGE[$1]} extents
  shift
  extents=$(mktemp)
  if [[ ${RUN[dry]} ]]; then
    run nbdinfo --map="qemu:dirty-bitmap:${EXPORT_BITMAP[$target]}" "$(nbd_uri "$target")"
    return
  fi
  dirty_extents "$target" >"$extents"
  qemu-img rebase "$@" -u -f qcow2 -F raw -b "$(nbd_json "$target")" -- "$image"
  local said
  local -i status=0
  said=$(limited qemu-io "$@" -C -f qcow2 "$image" <"$extents" 2>&1) || status=$?
  rm -f -- "$extents"
  # Older releases end well after reads that failed; one that was killed has said nothing.
  said=$(grep -i -m 1 'failed\|error\|can.t' <<<"$said") || ((status == 0)) ||
    said="qemu-io ended with exit status $status"
  [[ ! $said ]] || copy_failed "the changes of $target could not be copied: $said"
  qemu-img rebase -u -f qcow2 -F "$(backing_format "$target")" -b "$(backing_of "$target")" -- "$image"
}

# dirty_extents TARGET: a qemu-io read for each, in pieces that fit its buffer
dirty_extents() {
  local map
  map=$(limited nbdinfo --map="qemu:dirty-bitmap:${EXPORT_BITMAP[$1]}" "$(nbd_uri "$1")") || die "the dirty bitmap of $1 could not be read"
  local -i offset length type piece=16777216
  while read -r offset length type _; do
    ((type & 1)) || continue
    for (( ; length > 0; offset += piece, length -= piece)); do
      printf 'read -q %d %d\n' "$offset" "$((length < piece ? length : piece))"
    done
  done <<<"$map"
}
