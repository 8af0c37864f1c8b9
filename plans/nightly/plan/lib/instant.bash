# An instant restore: the domain starts at once, on new images that build on those of the repository, and becomes independent of them while
# it runs (virsh blockpull). Until then a note in the repository keeps runs from deleting or folding restore points, and a call with the
# same arguments goes on where an earlier one was ended. Images of the repository are only read: libvirt is told to leave their owners alone.
# Calls: chain (chain_of), define (xml_add xml_set), host (ask_libvirt await_libvirt has_domain), journal (journal_file
#   state_folder), json (json_read), manifest (disk_field image_path), messages (die log refuse run title), state (fault),
#   targets (clear_earlier remove_made written_to)
# Reads: CHAIN, CHAIN_FAULT, DEFINE, DOMAIN, JSON, TARGET_PATH, VIRSH, WORK, XML_NAME
# Sets: DEFINE, WORK

# Whether the restore is an instant one, whether it is given up, and whether its note was made by this call, which has not come to the
# domain yet; and what the note says.
declare -A INSTANT=([on]="" [cancel]="" [begun]="" [point]="" [uuid]="" [folder]="" [name]="")

instant_note() { printf '%s/instant' "$(state_folder)"; }

# begin_instant POINT FOLDER NAME: before anything is written
begin_instant() {
  [[ ! -e $(journal_file) && ! -e $(state_folder)/folding ]] || refuse "a run of ${DOMAIN[name]} was interrupted: let another run undo it first (run.sh --now does), then restore"
  [[ ! -e $(instant_note) ]] || refuse "an instant restore is not complete: $(instant_text)"
  mkdir -p -- "$(state_folder)"
  printf '%s %s\n%s\n%s\n' "$1" "${DEFINE[uuid]}" "$2" "$3" >"$(instant_note).part"
  sync "$(instant_note).part"
  mv -T -- "$(instant_note).part" "$(instant_note)"
  INSTANT[begun]=yes
  fault "noted"
}

# read_instant: sets INSTANT to what the note says; status 1 if there is none
read_instant() {
  local -a lines
  [[ -f $(instant_note) ]] || return 1
  mapfile -t lines <"$(instant_note)"
  read -r INSTANT[point] INSTANT[uuid] <<<"${lines[0]:-}"
  INSTANT[folder]=${lines[1]:-} INSTANT[name]=${lines[2]:-}
}

# instant_text: prints which one is not complete
instant_text() { read_instant && printf '%s at %s, from %s; call its restore again to complete it, or with --cancel to give it up' "${INSTANT[name]}" "${INSTANT[folder]}" "${INSTANT[point]}"; }

# make_overlay POINT TARGET: a new image that builds on the restore point's
make_overlay() {
  run qemu-img create -q -u -f qcow2 -F "$(disk_field "$1" "$2" format)" -b "$(realpath -e -- "$(image_path "$1" "$2")")" -- \
    "$(written_to "${TARGET_PATH[$2]}")" "$(disk_field "$1" "$2" virtualSize)"
}

# put_layers N POINT TARGET: names each image below the new one in the XML. libvirt would find them by itself, but then it would give them
# to QEMU's user, and not back.
put_layers() {
  local parent=$1 layer image
  local -i number
  chain_of "$2" "$3" || refuse "$CHAIN_FAULT"
  for layer in "${CHAIN[@]}"; do
    image=$(realpath -e -- "$(image_path "$layer" "$3")")
    number=${#XML_NAME[@]}
    xml_add "$parent" backingStore
    parent=$number
    if [[ -b $image ]]; then xml_set "$parent" type block; else xml_set "$parent" type file; fi
    number=${#XML_NAME[@]}
    xml_add "$parent" format
    xml_set "$number" type "$(disk_field "$layer" "$3" format)"
    number=${#XML_NAME[@]}
    xml_add "$parent" source
    if [[ -b $image ]]; then xml_set "$number" dev "$image"; else xml_set "$number" file "$image"; fi
    xml_add "$number" seclabel
    number+=1
    xml_set "$number" model dac
    xml_set "$number" relabel no
  done
  xml_add "$parent" backingStore
}

# pull_domain: starts the domain if it does not run, and pulls each disk until it builds on nothing
pull_domain() {
  local target path disks
  local -i tries
  INSTANT[begun]=""
  read_instant
  has_domain "${INSTANT[uuid]}" || die "libvirt knows no domain ${INSTANT[uuid]} (${INSTANT[name]})"
  if ! instant_runs; then
    w start >/dev/null || die "${INSTANT[name]} could not be started. QEMU's user must be able to read the images of the repository: set permissions in the policy (a group that it is in), or restore without --instant"
  fi
  fault "started"
  title "${INSTANT[name]} runs, on the images of ${INSTANT[point]}; the data follows"
  disks=$(instant_disks) || die "libvirt does not tell what disks ${INSTANT[name]} has: call this again to go on"
  while read -r target path; do
    tries=0
    while is_layered "$path"; do
      instant_runs || die "${INSTANT[name]} does not run any more: call this again to go on"
      # QEMU carries a job on whose script was killed, and libvirt one that runs while it is restarted.
      if [[ $(w blockjob --path "$target" --raw 2>/dev/null) == *type=* ]]; then
        sleep 1
        continue
      fi
      ((tries++ < 60)) || die "the disk $target still builds on the repository: call this again to go on"
      log "pull $target"
      "${VIRSH[@]}" blockpull --domain "${INSTANT[uuid]}" --path "$target" --wait --verbose || sleep 1
    done
    fault "pulled $target"
  done <<<"$disks"
  rm -f -- "$(instant_note)"
  title "${INSTANT[name]} is independent of the repository"
}

# w COMMAND…: calls virsh with the UUID of the new domain, and waits for the daemon first, which may be restarting
w() { await_libvirt && ask_libvirt "$1" --domain "${INSTANT[uuid]}" "${@:2}"; }

# instant_runs: whether the new domain runs. What libvirt does not tell is not taken for a domain that is stopped.
instant_runs() {
  local printed
  printed=$(w domstate) || die "libvirt does not tell whether ${INSTANT[name]} runs: call this again to go on"
  [[ ${printed%%$'\n'*} =~ $RUNS ]]
}

# instant_disks: prints target and image of each disk; status 1 if libvirt does not tell
instant_disks() {
  local printed
  printed=$(w domblklist --details) || return 1
  awk '$1 == "file" && $2 == "disk" { print $3, substr($0, index($0, $4)) }' <<<"$printed"
}

# is_layered IMAGE
is_layered() {
  local described
  described=$(qemu-img info -U --output=json -- "$1") && json_read "$described" || die "$1 cannot be read"
  [[ ${JSON[backing-filename]:-} ]]
}

# undo_instant: what a call has made that failed before the domain was started. If libvirt has the domain nevertheless, or does not answer,
# all of it stays for the next call.
undo_instant() {
  if ! await_libvirt || has_domain "${DEFINE[uuid]}"; then
    WORK="" DEFINE[made]=""
    return 0
  fi
  remove_made "$WORK"
  rm -f -- "$(instant_note)"
}

# resume_instant FOLDER: goes on with the one that was begun to this folder, or gives it up; status 1 if there is none
resume_instant() {
  read_instant && [[ ${INSTANT[folder]} == "$1" ]] || return 1
  if [[ ${INSTANT[cancel]} ]]; then
    cancel_instant
  elif has_domain "${INSTANT[uuid]}"; then
    clear_earlier "$1"
    pull_domain
  else
    # It was ended before the domain was defined; what it made is removed with the rest of that restore.
    rm -f -- "$(instant_note)"
    return 1
  fi
}

# cancel_instant: removes the domain and its images, with all that was written since it was started
cancel_instant() {
  local path disks
  if has_domain "${INSTANT[uuid]}"; then
    disks=$(instant_disks) || die "libvirt does not tell what disks ${INSTANT[name]} has: call this again"
    ! instant_runs || w destroy >/dev/null || die "${INSTANT[name]} could not be stopped"
    # Only the domain tells where its images are, so it is removed after them.
    while read -r _ path; do
      [[ $path != "${INSTANT[folder]}"/* ]] || rm -f -- "$path"
    done <<<"$disks"
    fault "emptied"
    w undefine --nvram >/dev/null || die "${INSTANT[name]} could not be removed"
  fi
  clear_earlier "${INSTANT[folder]}"
  rm -f -- "$(instant_note)"
  title "${INSTANT[name]} is removed; the restore point is as it was"
}

loaded instant
