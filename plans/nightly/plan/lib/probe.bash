# Probe: whether a disk holds what the chain of its base says, wherever the base's bitmap says that nothing has changed since.
# A bitmap is found by its name only. A file that took the place of the disk's own while QEMU was down may bring a bitmap of the
# same name, and an incremental of it would be of another disk. What cannot be faked that way is the content: libvirt serves the
# disk and its bitmap at one point in time (pull mode, without a checkpoint), and pieces of what is clean are compared.
# Calls: chain (chain_node), copies (limited), host (v), job (make_scratch), journal (abort_journaled_job close_journal journal),
#   json (json), manifest (disk_field), messages (die log note), offline (probe_stopped), state (fault), xml (xml_escape)
# Reads: ATTACHED, BASE, RUN
# Sets: nothing

# The size of a piece in bytes, the number of pieces all over the disk, and the number of pieces of each kind of data.
declare -ri PROBE_PIECE=65536 PROBE_SPREAD=16 PROBE_DATA=20
declare -r NOT_COMPARED="its content could not be compared with the base's"

# probe_disks TARGET…: sets PROBED[target] to "same", or to why the disk may be another one
declare -A PROBED=()
probe_disks() {
  local target folder
  for target in "$@"; do PROBED[$target]=$NOT_COMPARED; done
  log "compare ${*} with the base"
  if [[ ${RUN[state]} == offline ]]; then
    for target in "$@"; do probe_stopped "$target"; done
    return
  fi
  folder=$(probe_folder) || return 0
  if begin_probe "$folder" "$@"; then
    fault "probe"
    for target in "$@"; do PROBED[$target]=$(probed "$folder/tidemark.socket" tidemark "$target"); done
  fi
  end_probe "$folder" "$@"
}

# probe_folder: QEMU's own folder of this domain while it runs, in which it may make a socket under any confinement
# (qemuProcessPrepareHost labels priv->libDir for the domain)
probe_folder() {
  local id root
  id=$(v domid 2>/dev/null | sed -n 1p)
  [[ $id =~ ^[0-9]+$ ]] || return 1
  for root in /var/lib/libvirt/qemu "${XDG_CONFIG_HOME:-${HOME:-}/.config}/libvirt/qemu/lib"; do
    for root in "$root/domain-$id-"*/; do
      [[ -d $root ]] || continue
      printf '%s' "${root%/}"
      return 0
    done
  done
  return 1
}

begin_probe() {
  local folder=$1 target document reply
  local -a reuse=(--reuse-external)
  shift
  journal job
  journal socket "$folder/tidemark.socket"
  for target in "$@"; do journal scratch "$folder/tidemark-$target.scratch"; done
  for target in "$@"; do make_scratch "$target" "$folder/tidemark-$target.scratch" || reuse=(); done
  # Only root may write to that folder; libvirt makes the files for others.
  [[ ${reuse[*]} ]] || for target in "$@"; do rm -f -- "$folder/tidemark-$target.scratch"; done
  document=$(mktemp)
  probe_document "$folder" "$@" >"$document"
  reply=$(v backup-begin --backupxml "$document" "${reuse[@]}" 2>&1) || {
    rm -f -- "$document"
    note "the disk's content could not be compared: $reply"
    return 1
  }
  rm -f -- "$document"
}

# probe_document FOLDER TARGET…
probe_document() {
  local folder=$1 target
  shift
  printf "<domainbackup mode='pull'>\n  <server transport='unix' socket='%s/tidemark.socket'/>\n  <disks>\n" "$(xml_escape "$folder")"
  for target in "${ATTACHED[@]}"; do
    if [[ " $* " != *" $target "* ]]; then
      printf "    <disk name='%s' backup='no'/>\n" "$target"
      continue
    fi
    printf "    <disk name='%s' backup='yes' type='file' backupmode='incremental' incremental='%s' exportname='%s' exportbitmap='tidemark'>\n" \
      "$target" "${BASE[$target]}" "$target"
    printf "      <driver type='qcow2'/>\n      <scratch file='%s/tidemark-%s.scratch'/>\n    </disk>\n" "$(xml_escape "$folder")" "$target"
  done
  printf '  </disks>\n</domainbackup>\n'
}

end_probe() {
  local folder=$1 target
  shift
  abort_journaled_job || die "the comparison of the disks could not be ended"
  for target in "$@"; do rm -f -- "$folder/tidemark-$target.scratch"; done
  rm -f -- "$folder/tidemark.socket"
  close_journal
}

# probed SOCKET BITMAP TARGET: "same", or why the disk that is served there cannot be what its base is of
probed() {
  local bitmap=$2 target=$3 served chain work printed=""
  local -i size offset compared=0
  served="{\"driver\":\"nbd\",\"server\":{\"type\":\"unix\",\"path\":$(json "$1")},\"export\":$(json "$target")%s}"
  chain=$(chain_node "${BASE[$target]}" "$target") || {
    printf '%s' "$NOT_COMPARED"
    return
  }
  size=$(disk_field "${BASE[$target]}" "$target" virtualSize)
  work=$(mktemp -d)
  while [[ ! $printed ]] && IFS= read -r offset; do
    if ! read_piece "${served/\%s/}" "$offset" "$work/served" || ! read_piece "$chain" "$offset" "$work/base"; then
      printed=$NOT_COMPARED
    elif ! cmp -s -- "$work/served" "$work/base"; then
      printed="at byte $offset it differs from the base, although no change is recorded there"
    fi
    compared+=1
  done < <(clean_pieces "$served" "$chain" "$bitmap" "$size")
  rm -rf -- "$work"
  ((compared > 0)) || printed="everything on it has changed since the base was made, so it cannot be recognized"
  printf '%s' "${printed:-same}"
}

# read_piece NODE OFFSET FILE: by qemu-img dd, which reads what is there. qemu-img compare and convert ask first where data is, and
# for a window on a chain QEMU 7.2 answers for its newest image alone (seen). The window is the raw driver's: qemu-img dd counts what
# skip= leaves out as read (seen: with count=1 it reads nothing).
read_piece() {
  rm -f -- "$3"
  limited qemu-img dd -O raw "if=json:{\"driver\":\"raw\",\"offset\":$2,\"size\":$PROBE_PIECE,\"file\":$1}" "of=$3" \
    "bs=$PROBE_PIECE" count=1 >/dev/null 2>&1 && (($(stat -c %s -- "$3") == PROBE_PIECE))
}

# clean_pieces SERVED CHAIN BITMAP SIZE: offsets of pieces of which the bitmap says that nothing has changed, in order: some all
# over the disk, and some of what holds data by which a disk differs from its siblings: the base's own image, the images below it, and
# the disk that is served
clean_pieces() {
  local bitmap=$3
  local -i size=$4 from=0 to=0 offset
  local line dirty
  exec {dirty}< <(limited qemu-img map --output=json -- "json:${1/\%s/",\"x-dirty-bitmap\":\"qemu:dirty-bitmap:$bitmap\""}" && echo end)
  while IFS= read -r offset; do
    # The next extent that reaches as far; QEMU tells what is dirty as what has no data (block/nbd.c, x-dirty-bitmap).
    while ((to <= offset)); do
      IFS= read -r line <&"$dirty" || return 0
      [[ $line != end ]] || return 0
      [[ $line =~ \"start\":\ ([0-9]+),\ \"length\":\ ([0-9]+),.*\"data\":\ (true|false) ]] || continue
      from=${BASH_REMATCH[1]} to=$((BASH_REMATCH[1] + BASH_REMATCH[2]))
      [[ ${BASH_REMATCH[3]} == true ]] || from=$to
    done
    ((offset >= from && offset + PROBE_PIECE <= to)) && printf '%d\n' "$offset"
  done < <(wanted_pieces "${1/\%s/}" "$2" "$size" | sort -nu)
}

# wanted_pieces SERVED CHAIN SIZE: prints the offsets of the pieces, in any order
wanted_pieces() {
  local -i size=$3 index offset
  local map
  ((size >= PROBE_PIECE)) || return 0
  for ((index = 0; index < PROBE_SPREAD; index++)); do
    # The first piece is at the beginning of the disk, the last one at its end.
    offset=$(((size - PROBE_PIECE) * index / (PROBE_SPREAD - 1)))
    printf '%d\n' $((offset - offset % PROBE_PIECE))
  done
  map=$(limited qemu-img map --output=json -- "json:$2") || return 0
  data_pieces 0 "$size" <<<"$map"
  data_pieces '[1-9][0-9]*' "$size" <<<"$map"
  limited qemu-img map --output=json -- "json:$1" | data_pieces 0 "$size"
}

# data_pieces DEPTH SIZE: reads a map, and prints the offsets of some pieces that hold data in the images of this depth, a regular
# expression
data_pieces() {
  local -i offset length
  sed -n "s/.*\"start\": \([0-9]*\), \"length\": \([0-9]*\), \"depth\": $1,.*\"zero\": false, \"data\": true.*/\1 \2/p" |
    shuf -n "$PROBE_DATA" |
    while read -r offset length; do
      # One piece is taken of each extent, at a random offset.
      length=$((length / PROBE_PIECE))
      offset=$((offset + (length > 1 ? RANDOM % length * PROBE_PIECE : 0)))
      offset=$((offset - offset % PROBE_PIECE))
      ((offset + PROBE_PIECE > $2)) || printf '%d\n' "$offset"
    done
}

loaded probe
