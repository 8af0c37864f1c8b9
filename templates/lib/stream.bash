# Streams: instead of into an image, a disk's bytes go through a command of the policy. A full is the disk itself, raw; changes
# are a qcow2 image that names its predecessor. What is received again lies as the images would, and qemu-img reads it.

declare -A STREAM=([send]="" [receive]="" [delete]="")
# What is known of a stream once it has been sent.
declare -A STREAM_SUM=() STREAM_SIZE=()

stream() { STREAM=([send]=$1 [receive]=$2 [delete]=${3:-}); }

# through COMMAND POINT TARGET FORMAT: runs a command of the policy, which learns from its environment what it is about
through() {
  TIDEMARK_DOMAIN=${DOMAIN[name]} TIDEMARK_POINT=$2 TIDEMARK_DISK=$3 TIDEMARK_FORMAT=$4 \
    TIDEMARK_NAME=${DOMAIN[folder]##*/}/$2/$3.$4 bash -c "$1"
}

# copy_stream TARGET QEMU-IMG-OPTION…: a full goes out as it is read; changes are gathered in an image first
copy_stream() {
  local target=$1
  if [[ ${LEVEL[$target]} == full ]]; then
    send_disk "$target" nbdcopy -- "$(nbd_uri "$target")" -
  else
    copy_changes "$@"
    send_image "$target"
  fi
}

# send_disk TARGET COMMAND…: what the command prints is the disk
send_disk() {
  local target=$1 work summing
  local -i status=0
  shift
  if [[ ${RUN[dry]} ]]; then
    run "$@"
    printf '  (piped to: %s)\n' "${STREAM[send]}"
    return
  fi
  work=$(mktemp -d)
  mkfifo -- "$work/pipe"
  sha256sum <"$work/pipe" >"$work/sum" &
  summing=$!
  journal sent "${POINT[name]} $target raw"
  "$@" | tee -- "$work/pipe" | through "${STREAM[send]}" "${POINT[name]}" "$target" raw || status=$?
  wait "$summing"
  STREAM_SUM[$target]=$(cut -d ' ' -f 1 "$work/sum")
  STREAM_SIZE[$target]=$(disk_size "$target")
  rm -rf -- "$work"
  ((status == 0)) || die "the disk $target could not be sent (exit status $status of: ${STREAM[send]})"
  fault "sent $target"
}

# send_image TARGET: the image of its changes, checked, then removed here
send_image() {
  local target=$1 image=${IMAGE[$1]} sum
  if [[ ${RUN[dry]} ]]; then
    printf '  (%s piped to: %s)\n' "$image" "${STREAM[send]}"
    return
  fi
  # Its predecessor is not here, so it is checked without.
  qemu-img check -q -- "json:{\"driver\":\"qcow2\",\"backing\":null,\"file\":{\"driver\":\"file\",\"filename\":$(json "$image")}}" ||
    die "the changes of $target were not written well"
  sum=$(sha256sum <"$image")
  STREAM_SUM[$target]=${sum%% *}
  STREAM_SIZE[$target]=$(stat -c %s -- "$image")
  journal sent "${POINT[name]} $target qcow2"
  through "${STREAM[send]}" "${POINT[name]}" "$target" qcow2 <"$image" ||
    die "the changes of $target could not be sent (exit status $? of: ${STREAM[send]})"
  rm -f -- "$image"
  fault "sent $target"
}

# unsend: what an undone run has sent is void; without a manifest nobody asks for it
unsend() {
  local point target format
  while read -r point target format; do
    [[ ${STREAM[delete]} ]] || {
      note "what was sent of $target for $point is void"
      continue
    }
    through "${STREAM[delete]}" "$point" "$target" "$format" </dev/null ||
      warning "what was sent of $target for $point could not be deleted where it is; it is void"
  done < <(journaled sent)
}

# stream_of MANIFEST KEY: a command that the manifest keeps; nothing for a restore point of images
stream_of() {
  local line
  line=$(grep '^  "stream": {' "$1" 2>/dev/null) || return 0
  [[ $line =~ \"$2\":\"(([^\"\\]|\\.)*)\" ]] && json_text "${BASH_REMATCH[1]}"
  return 0
}

is_streamed() { [[ $(stream_of "${DOMAIN[folder]}/$1/manifest.json" receive) ]]; }

# receive POINT TARGET: the stream on stdout
receive() {
  local command format
  command=$(stream_of "${DOMAIN[folder]}/$1/manifest.json" receive)
  format=$(disk_field "$1" "$2" format)
  through "$command" "$1" "$2" "$format" </dev/null
}

# delete_streams MANIFEST: what a pruned restore point has elsewhere; the command must not mind that it is gone already
delete_streams() {
  local command target point
  command=$(stream_of "$1" delete)
  [[ $command ]] || return 0
  point=${1%/manifest.json} point=${point##*/}
  while IFS= read -r target; do
    through "$command" "$point" "$target" "$(manifest_field "$1" "$target" format)" </dev/null || return 1
  done < <(disk_targets "$1")
}
