# A restore in place: the domain itself goes back to a restore point. Complete copies are made beside the files that they replace, then the
# domain is stopped, and each file gives way to its copy. What the domain had is kept under another name. A block device has no second
# name: once the domain is stopped, its content is copied to a file, and then it is written over. The list of all this is in
# .tidemark/replace: until it says "swap", whoever comes next removes the copies; after that, the exchange is completed.
# Calls:
# Reads:
# Sets:
# Calls: chain (chain_node), evidence (is_local), files (claim_anew rename_new), guard (end_script leave), host (domain_state
#   is_running read_disks v), journal (journal_file state_folder), locks (run_folder), machine (find_nvram find_tpm
#   machine_files), manifest (is_point_name is_sealed), messages (busy die error log note refuse title warning), state (fault),
#   targets (check_sizes write_disk), xml (xml_child xml_children xml_read)
# Reads: CHAIN_FAULT, DOMAIN, FOUND, FOUND_DEVICE, FOUND_ENCRYPTED, FOUND_FORMAT, FOUND_PATH, FOUND_SOURCE, FOUND_TYPE, LIVE_XML,
#   NVRAM, PLACE, RUN, TPM, XML_FAULT, XML_VALUE
# Sets: NVRAM, PLACE, PLACE_TYPE

# Whether the person has agreed already, the seconds in which a guest may shut down, and where the content of block devices is kept.
declare -A REPLACE=([yes]="" [within]=60 [aside]="")
# The lock files that this restore holds, as runs do.
declare -a REPLACE_LOCKS=()

replace_file() { printf '%s/replace' "$(state_folder)"; }

# replace_note WORD…: adds a line to the list, and waits until it is on the disk
replace_note() {
  printf '%s\n' "$*" >>"$(replace_file)"
  sync "$(replace_file)"
}

# hold_domain: takes the locks of runs, so that none begins meanwhile
hold_domain() {
  local file descriptor
  mkdir -p -- "$(state_folder)"
  mkdir -p -m 700 -- "$(run_folder)"
  for file in "$(state_folder)/lock" "$(run_folder)/${DOMAIN[uuid]}.lock"; do
    [[ ! -L $file ]] || refuse "$file is a link: find out who made it, and remove it"
    exec {descriptor}>>"$file"
    flock -n "$descriptor" || busy "a run or another restore uses ${DOMAIN[name]}"
    REPLACE_LOCKS+=("$descriptor")
  done
}

# replace_domain POINT TARGET…: the whole of it
replace_domain() {
  local point=$1 name said
  shift
  [[ ${RUN[dry]} ]] || hold_domain
  name=$(v domname 2>/dev/null | sed -n 1p) || name=""
  [[ $name ]] || refuse "libvirt knows no domain ${DOMAIN[uuid]} (${DOMAIN[name]}); --same-identity defines it"
  [[ ! -e $(journal_file) ]] || refuse "a run of ${DOMAIN[name]} was interrupted: let the next run undo it first, then restore"
  said=$(v dominfo) || die "libvirt does not describe ${DOMAIN[name]}"
  # libvirt forgets a transient domain when it is stopped.
  [[ $said =~ Persistent:\ *yes ]] || refuse "${DOMAIN[name]} is transient: libvirt forgets it when it stops. Make it persistent with virsh define, then restore"
  [[ ! $said =~ Managed\ save:\ *yes ]] || refuse "${DOMAIN[name]} has a saved state, with which it would go on on other disks: start it, or remove the state with virsh managedsave-remove"
  is_local || refuse "libvirt is on another host: a restore in place is made on the host of the disks"
  finish_replacing "$point"
  read_disks
  local -a from=() onto=() devices=()
  find_replaced "$point" "$@"
  ask_to_replace "$point" "$name"
  [[ ! ${RUN[dry]} ]] || return 0
  trap end_replacing EXIT
  replace_note "begin $point $(domain_state)"
  make_copies "$point"
  fault "copied"
  stop_domain
  fault "stopped"
  keep_devices "$point"
  replace_note swap
  fault "swap"
  complete_replacing
}

# find_replaced POINT TARGET…: sets `onto` to the files that are replaced, `from` to what becomes of each: a disk's target, or a file of the
# restore point, and `devices` to the disks on block devices
find_replaced() {
  local point=$1 target file layered
  local -a unfit=()
  shift
  layered=" $(layered_disks) "
  for target in "$@"; do
    if [[ ! ${FOUND_TYPE[$target]:-} ]]; then
      unfit+=("the domain no longer has the disk $target")
    elif [[ ! ${FOUND_FORMAT[$target]} =~ ^(qcow2|raw)$ || ${FOUND_ENCRYPTED[$target]} || ! -f ${FOUND_PATH[$target]} && ! -b ${FOUND_PATH[$target]} ]]; then
      unfit+=("the disk $target (${FOUND_SOURCE[$target]:-without a source}, ${FOUND_FORMAT[$target]}) is no raw or qcow2 image in a file or on a block device, without encryption: it cannot be replaced in place")
    elif [[ $layered == *" $target "* ]]; then
      unfit+=("the definition of ${DOMAIN[name]} names a backing file or a data file for the disk $target, which libvirt would give to the restored image as well: restore it with --to")
    elif [[ -b ${FOUND_PATH[$target]} ]]; then
      [[ ${REPLACE[aside]} ]] || unfit+=("the disk $target is the block device ${FOUND_PATH[$target]}, which is written over: name a folder for what it holds now, --aside FOLDER")
      devices+=("$target") PLACE_TYPE[$target]=block
      PLACE[$target]=$(realpath -e -- "${FOUND_PATH[$target]}")
    else
      from+=("$target") onto+=("$(realpath -e -- "${FOUND_PATH[$target]}")")
    fi
  done
  [[ ! ${REPLACE[aside]} || -d ${REPLACE[aside]} && -w ${REPLACE[aside]} ]] || unfit+=("${REPLACE[aside]} is no folder that can be written to")
  ((${#unfit[@]} == 0)) || refuse "${unfit[@]}"
  for target in "${devices[@]}"; do check_sizes "$point" "${FOUND_FORMAT[$target]}" "$target"; done
  for target in "${FOUND[@]}"; do
    [[ " $* " == *" $target "* || ${FOUND_DEVICE[$target]} != disk ]] || warning "the disk $target (${FOUND_SOURCE[$target]}) STAYS AS IT IS: the restore point does not hold it, or it was not asked for"
  done
  xml_read "$LIVE_XML" || refuse "the XML of ${DOMAIN[name]} cannot be read: $XML_FAULT"
  while IFS= read -r file; do
    case $file in
      nvram.*)
        find_nvram || continue
        [[ ${NVRAM[path]} ]] || NVRAM[path]=$NVRAM_FOLDER/${DOMAIN[name]}_VARS.fd
        from+=("$file") onto+=("${NVRAM[path]}")
        ;;
      tpm*)
        find_tpm || continue
        from+=("$file")
        if [[ ${TPM[type]} == file ]]; then onto+=("${TPM[path]}"); else onto+=("${TPM[path]}/$file"); fi
        ;;
    esac
  done < <(machine_files "$point")
}

# layered_disks: prints the disks whose definition names more than their image; a running domain's XML has what libvirt found as well
layered_disks() {
  local xml device disk source
  xml=$(v dumpxml --inactive) || die "libvirt does not tell how ${DOMAIN[name]} is defined"
  xml_read "$xml" || refuse "the XML of ${DOMAIN[name]} cannot be read: $XML_FAULT"
  xml_child 0 devices || return 0
  device=$REPLY
  for disk in $(xml_children "$device" disk); do
    source="" REPLY=""
    if xml_child "$disk" source; then xml_child "$REPLY" dataStore && source=yes; fi
    if xml_child "$disk" backingStore; then xml_child "$REPLY" source && source=yes; fi
    [[ $source ]] && xml_child "$disk" target && printf '%s ' "${XML_VALUE["$REPLY dev"]:-}"
  done
  return 0
}

# ask_to_replace POINT NAME: says what is about to happen, and goes on only if a person agrees
ask_to_replace() {
  local path target answer=""
  log "$2 goes back to $1. These files are replaced, and kept beside with the ending .before-$1:"
  for path in "${onto[@]}"; do log "  $path"; done
  for target in "${devices[@]}"; do
    log "  ${PLACE[$target]}, written over once its content is in ${REPLACE[aside]}/$target.before-$1.qcow2"
  done
  # Of libvirt's snapshots, only what they are called stays.
  [[ ! $(v snapshot-list --name 2>/dev/null) ]] || warning "$2 has snapshots: they are of the disks that it has now, and libvirt cannot go back to them afterwards"
  ! is_running || log "$2 runs: it is stopped meanwhile, and started again"
  [[ ! ${RUN[dry]} && ! ${REPLACE[yes]} ]] || return 0
  [[ -t 0 ]] || refuse "nobody is there to agree: call this on a terminal, or with --yes"
  read -rp "Go on? Type yes: " answer || true
  [[ $answer == yes ]] || refuse "nothing was changed"
}

# make_copies POINT: complete ones, while the domain still runs
make_copies() {
  local point=$1 index target path node
  for target in "${devices[@]}"; do replace_note "device $target ${FOUND_FORMAT[$target]} ${PLACE[$target]}"; done
  for ((index = 0; index < ${#onto[@]}; index++)); do
    path=${onto[index]}
    replace_note "file $path"
    claim_anew "$path.tidemark-new" || die "$path.tidemark-new cannot be written"
    chmod 0600 -- "$path.tidemark-new"
    target=${from[index]}
    if [[ ! ${FOUND_TYPE[$target]:-} ]]; then
      cat -- "${DOMAIN[folder]}/$point/$target" >"$path.tidemark-new" || die "$path could not be copied"
    else
      log "restore $target"
      node=$(chain_node "$point" "$target") || die "$CHAIN_FAULT"
      qemu-img convert -O "${FOUND_FORMAT[$target]}" -- "json:$node" "$path.tidemark-new" || die "the disk $target could not be restored"
    fi
    sync "$path.tidemark-new"
    fault "copy"
  done
}

# stop_domain: lets the guest shut down, and pulls the plug if it does not
stop_domain() {
  local -i until=$((SECONDS + REPLACE[within]))
  is_running || return 0
  v shutdown >/dev/null 2>&1 || true
  while is_running && ((SECONDS < until)); do sleep 0.5; done
  if is_running; then
    warning "${DOMAIN[name]} did not shut down within ${REPLACE[within]} s, so it is switched off"
    v destroy >/dev/null || die "${DOMAIN[name]} could not be stopped"
  fi
}

# keep_devices POINT: what block devices hold, before they are written over
keep_devices() {
  local target aside
  for target in "${devices[@]}"; do
    aside=$(name_aside "${REPLACE[aside]}/$target" "$1" .qcow2)
    log "keep what $target holds in $aside"
    replace_note "aside $aside"
    claim_anew "$aside" || die "$aside cannot be written"
    chmod 0600 -- "$aside"
    qemu-img convert -f "${FOUND_FORMAT[$target]}" -O qcow2 -- "${PLACE[$target]}" "$aside" || die "what ${PLACE[$target]} holds could not be kept"
    sync "$aside"
    fault "keep"
  done
}

# replaced_files: prints the files of the list
replaced_files() { sed -n 's/^file //p' "$(replace_file)"; }

# complete_replacing: exchanges the files that are not exchanged yet, and starts the domain again if it ran
complete_replacing() {
  local point state path
  read -r _ point state <"$(replace_file)"
  ! is_running || die "${DOMAIN[name]} was started while its disks were being replaced: stop it, and call this again"
  # A run takes a full as long as this file is there: no bitmap of the disks goes back to a restore point.
  printf '%s\n' "$point" >"$(state_folder)/replaced"
  sync "$(state_folder)/replaced"
  while IFS= read -r path; do
    [[ -e $path.tidemark-new ]] || continue
    # The file of a TPM or of firmware that never ran is not there.
    if [[ -e $path ]]; then
      # Now that the domain is stopped, libvirt has given the file back to its owner.
      chown --reference="$path" -- "$path.tidemark-new"
      chmod --reference="$path" -- "$path.tidemark-new"
      rename_new "$path" "$(name_aside "$path" "$point")" || die "$path could not be kept aside"
    fi
    fault "aside"
    rename_new "$path.tidemark-new" "$path" || die "$path could not be replaced"
    fault "swapped"
  done < <(replaced_files)
  write_devices "$point"
  forget_checkpoints
  fault "checkpoints"
  if [[ $state =~ $RUNS ]]; then v start >/dev/null || die "${DOMAIN[name]} is restored, and could not be started; start it, then call this again"; fi
  rm -f -- "$(replace_file)"
  title "${DOMAIN[name]} is as it was at $point; the next run takes a full"
  note "what it had is kept: delete the files with the ending .before-$point when you no longer need them"
}

# write_devices POINT: writes the disks on block devices; a restore that was killed meanwhile writes them again
write_devices() {
  local target format path
  while read -r target format path; do
    PLACE[$target]=$path PLACE_TYPE[$target]=block
    log "restore $target"
    write_disk "$1" "$target" "$format" || die "${PLACE[$target]} could not be written; what it held is kept"
    fault "written"
  done < <(sed -n 's/^device //p' "$(replace_file)")
}

# forget_checkpoints: the checkpoints of this repository, whose bitmaps the restored disks do not have. In disks that stay as they are,
# the bitmaps would record for ever.
forget_checkpoints() {
  local name target
  read_disks
  while IFS= read -r name; do
    [[ $name ]] || continue
    if ! is_point_name "$name" || ! is_sealed "$name"; then
      warning "the checkpoint $name is not of this repository, and its bitmap may be gone: delete it with virsh checkpoint-delete --metadata"
      continue
    fi
    v checkpoint-delete --checkpointname "$name" --metadata >/dev/null || warning "the checkpoint $name could not be deleted"
    for target in "${FOUND[@]}"; do
      [[ ${FOUND_FORMAT[$target]} != qcow2 || ! -f ${FOUND_PATH[$target]} ]] || qemu-img bitmap --remove -f qcow2 -- "${FOUND_PATH[$target]}" "$name" >/dev/null 2>&1 || true
    done
  done < <(v checkpoint-list --name 2>/dev/null)
}

# name_aside PATH POINT [ENDING]: prints a name that is free
name_aside() {
  local name=$1.before-$2${3:-}
  local -i count=1
  while [[ -e $name || -L $name ]]; do
    count+=1
    name=$1.before-$2.$count${3:-}
  done
  printf '%s' "$name"
}

# undo_replacing: removes the copies of a restore that had not begun to exchange files, and starts the domain again if it ran
undo_replacing() {
  local state path
  read -r _ _ state <"$(replace_file)"
  while IFS= read -r path; do rm -f -- "$path.tidemark-new"; done < <(replaced_files)
  while IFS= read -r path; do rm -f -- "$path"; done < <(sed -n 's/^aside //p' "$(replace_file)")
  if [[ $state =~ $RUNS ]] && ! is_running; then v start >/dev/null || warning "${DOMAIN[name]} could not be started again"; fi
  rm -f -- "$(replace_file)"
}

# finish_replacing POINT: completes or undoes one that was interrupted; ends if it was this one
finish_replacing() {
  local point
  [[ -f $(replace_file) ]] || return 0
  [[ ! ${RUN[dry]} ]] || refuse "a restore in place was interrupted; call it without --dry-run"
  read -r _ point _ <"$(replace_file)"
  if grep -qx swap "$(replace_file)"; then
    note "the restore in place to $point had begun to replace files; it is completed now"
    complete_replacing
    [[ $point != "$1" ]] || leave 0
  else
    warning "a restore in place to $point did not end; nothing was replaced, and it is undone now"
    undo_replacing
  fi
}

end_replacing() {
  local status=$?
  if [[ -f $(replace_file) ]]; then
    if grep -qx swap "$(replace_file)"; then
      error "the files of ${DOMAIN[name]} are being replaced: call this again to complete it"
    else
      undo_replacing
    fi
  fi
  end_script "$status"
}

loaded replace
