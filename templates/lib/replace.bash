# A restore in place: the domain itself goes back to a restore point. Complete copies are made beside the files that they replace, then
# the domain is stopped, and each file gives way to its copy. What the domain had is kept under another name; that of a block device in
# an image. The list of all this is in .tidemark/replace: until it says "swap", whoever comes next removes the copies; after that, the
# exchange is completed.
# Calls: chain (chain_node), evidence (is_local), files (claim claim_anew rename_new), guard (end_script leave), host
#   (domain_state read_disks v), journal (journal_file state_folder), locks (run_folder), machine (find_nvram find_tpm
#   machine_files), manifest (is_point_name is_sealed), messages (busy die error log note refuse title warning), restore
#   (check_disks), state (fault), targets (check_sizes write_disk), xml (xml_read)
# Reads: ATTACHED, ATTACHED_DEVICE, ATTACHED_ENCRYPTED, ATTACHED_FORMAT, ATTACHED_LAYERS, ATTACHED_PATH, ATTACHED_SOURCE,
#   ATTACHED_TYPE, CHAIN_FAULT, DOMAIN, LIVE_XML, NVRAM, RUN, TPM, XML_FAULT
# Sets: NVRAM, TARGET_PATH, TARGET_TYPE

# The seconds in which a guest may shut down, whether the person has agreed already, and where the content of block devices is kept: a
# folder, or "none".
declare -A REPLACE=([yes]="" [within]=60 [aside]="")
# The lock files that this restore holds, as runs do.
declare -a REPLACE_LOCKS=()
# What is replaced: where it is, and what it is replaced with: a file of the restore point, or "disk TARGET".
declare -a REPLACED=() REPLACES=()

replace_file() { printf '%s/replace' "$(state_folder)"; }

# replace_note WORD…: adds a line to the list, and waits until it is on the disk
replace_note() {
  printf '%s\n' "$*" >>"$(replace_file)"
  sync "$(replace_file)"
}

# replace_noted WORD: prints the texts of the lines with this word
replace_noted() { sed -n "s/^$1 //p" "$(replace_file)"; }
has_replaced() { grep -qx "$1" "$(replace_file)"; }

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

# is_off: whether libvirt says that no QEMU has the disks. A domain of which libvirt says nothing may run.
is_off() { [[ $(domain_state) == "shut off" ]]; }

# replace_domain POINT WHOLE TARGET…: the whole of it; WHOLE is empty if the targets were asked for
replace_domain() {
  local point=$1 whole=$2 name printed
  shift 2
  [[ ${RUN[dry]} ]] || hold_domain
  name=$(v domname 2>/dev/null | sed -n 1p) || name=""
  [[ $name ]] || refuse "libvirt knows no domain ${DOMAIN[uuid]} (${DOMAIN[name]}); --same-identity defines it"
  [[ ! -e $(journal_file) ]] || refuse "a run of ${DOMAIN[name]} was interrupted: let another run undo it first (run.sh --now does), then restore"
  printed=$(v dominfo) || die "libvirt does not describe ${DOMAIN[name]}"
  [[ $printed =~ Persistent:\ *yes ]] || refuse "${DOMAIN[name]} is transient: once it is stopped, libvirt forgets it. Define it first (virsh define)"
  [[ ! $printed =~ Managed\ save:\ *yes ]] || refuse "${DOMAIN[name]} has a saved state, with which it would go on on other disks: start it, or remove the state with virsh managedsave-remove"
  is_local || refuse "libvirt is on another host: a restore in place is made on the host of the disks"
  finish_replacing "$point"
  find_replaced "$point" "$whole" "$@"
  ask_to_replace "$point" "$name"
  [[ ! ${RUN[dry]} ]] || return 0
  trap end_replacing EXIT
  replace_note "begin $point $(domain_state)"
  make_copies "$point"
  fault "copied"
  stop_domain
  fault "stopped"
  keep_devices "$point"
  fault "kept"
  replace_note swap
  fault "swap"
  complete_replacing
}

# find_replaced POINT WHOLE TARGET…: sets REPLACED and REPLACES, or refuses
find_replaced() {
  local point=$1 whole=$2 target path
  local -A live=()
  local -a unfit=()
  shift 2
  REPLACED=() REPLACES=()
  read_disks
  for target in "${ATTACHED[@]}"; do live[$target]=${ATTACHED_TYPE[$target]}:${ATTACHED_SOURCE[$target]}; done
  xml_read "$LIVE_XML" || refuse "the XML of ${DOMAIN[name]} cannot be read: $XML_FAULT"
  [[ ! $whole ]] || find_replaced_machine "$point" unfit
  # The domain starts again by this XML.
  read_disks --inactive
  for target in "$@"; do
    path=${ATTACHED_PATH[$target]:-}
    if [[ ! ${ATTACHED_TYPE[$target]:-} ]]; then
      unfit+=("the domain no longer has the disk $target")
      continue
    elif [[ ${ATTACHED_TYPE[$target]}:${ATTACHED_SOURCE[$target]} != "${live[$target]:-}" ]]; then
      unfit+=("the disk $target is now ${live[$target]:-none}, and will be ${ATTACHED_TYPE[$target]}:${ATTACHED_SOURCE[$target]} after the next start: make both alike first")
    elif [[ ! -f $path && ! -b $path || ! ${ATTACHED_FORMAT[$target]} =~ ^(qcow2|raw)$ || ${ATTACHED_ENCRYPTED[$target]} || $path == *$'\n'* ]]; then
      unfit+=("the disk $target (${ATTACHED_SOURCE[$target]:-without a source}, ${ATTACHED_FORMAT[$target]}) is no raw or qcow2 file or block device without encryption: it cannot be replaced in place")
    elif [[ ${ATTACHED_LAYERS[$target]} ]]; then
      unfit+=("the disk $target consists of several images by the XML of the domain (a snapshot, or a data store), and libvirt would put the restored image on top of the others: commit the snapshot first (virsh blockcommit), or restore with --to")
    elif [[ -b $path ]]; then
      fit_device "$point" "$target" "$path" unfit
    else
      path=$(realpath -e -- "$path")
    fi
    REPLACED+=("$path") REPLACES+=("disk $target")
  done
  [[ ${REPLACE[aside]:-none} == none || -d ${REPLACE[aside]} && -w ${REPLACE[aside]} ]] || unfit+=("${REPLACE[aside]} is no folder that can be written to")
  ((${#unfit[@]} == 0)) || refuse "${unfit[@]}"
  for target in "${ATTACHED[@]}"; do
    [[ " $* " == *" $target "* || ${ATTACHED_DEVICE[$target]} != disk ]] || warning "the disk $target (${ATTACHED_SOURCE[$target]}) STAYS AS IT IS: the restore point does not hold it, or it was not asked for"
  done
}

# fit_device POINT TARGET DEVICE ARRAY: refuses one that is too small, and adds why others are not fit to the array
fit_device() {
  local -n unfit_devices=$4
  TARGET_PATH[$2]=$3 TARGET_TYPE[$2]=block
  check_sizes "$1" "${ATTACHED_FORMAT[$2]}" "$2"
  [[ ${REPLACE[aside]} ]] || unfit_devices+=("the disk $2 is the block device $3, beside which nothing can be kept: --aside FOLDER copies what it holds into an image there first, --aside none gives it up")
  # Also of what is on it: partitions, and volumes that the host has activated.
  [[ ! $(lsblk -nro MOUNTPOINT -- "$3" 2>/dev/null) ]] || unfit_devices+=("the block device $3, the disk $2, is mounted on this host: unmount it first")
}

# find_replaced_machine POINT ARRAY: the same of NVRAM and TPM, by the XML that was read last; adds what is not fit to the array
find_replaced_machine() {
  local -n unfit_parts=$2
  local file had=" "
  while IFS= read -r file; do
    had+="$file "
    case $file in
      nvram.*)
        find_nvram || continue
        [[ ${NVRAM[path]} ]] || NVRAM[path]=$NVRAM_FOLDER/${DOMAIN[name]}_VARS.fd
        if [[ ${NVRAM[why]} || ${NVRAM[format]} != "${file#nvram.}" ]]; then
          unfit_parts+=("the NVRAM is now ${NVRAM[why]:-${NVRAM[format]}}, and that of the restore point is ${file#nvram.}: it cannot be replaced in place")
        fi
        REPLACED+=("${NVRAM[path]}") REPLACES+=("$file")
        ;;
      tpm*)
        find_tpm || continue
        if [[ ${TPM[type]} == file && $file != tpm.state || ${TPM[type]} != file && $file == tpm.state ]]; then
          unfit_parts+=("the TPM now keeps its state in a ${TPM[type]}, and the restore point has it from elsewhere ($file): it cannot be replaced in place")
        fi
        if [[ ${TPM[type]} == file ]]; then REPLACED+=("${TPM[path]}"); else REPLACED+=("${TPM[path]}/$file"); fi
        REPLACES+=("$file")
        ;;
    esac
  done < <(machine_files "$1")
  [[ $had == *" nvram."* ]] || ! find_nvram || warning "the NVRAM STAYS AS IT IS: the restore point does not hold it"
  [[ $had == *" tpm"* ]] || ! find_tpm || warning "the state of the TPM STAYS AS IT IS: the restore point does not hold it"
}

# ask_to_replace POINT NAME: says what is about to happen, and goes on only if a person agrees
ask_to_replace() {
  local path answer=""
  log "$2 goes back to $1. This is replaced:"
  for path in "${REPLACED[@]}"; do
    if [[ ! -b $path ]]; then
      log "  $path (kept beside with the ending .before-$1)"
    elif [[ ${REPLACE[aside]} == none ]]; then
      log "  $path (WHAT THE DEVICE HOLDS IS LOST)"
    else
      log "  $path (what the device holds is kept in ${REPLACE[aside]})"
    fi
  done
  # Of libvirt's snapshots, only what they are called stays.
  [[ ! $(v snapshot-list --name 2>/dev/null) ]] || warning "$2 has snapshots: they are of the disks that it has now, and libvirt cannot go back to them afterwards"
  is_off || log "$2 runs: it is stopped meanwhile, and started again"
  [[ ! ${RUN[dry]} && ! ${REPLACE[yes]} ]] || return 0
  [[ -t 0 ]] || refuse "nobody is there to agree: call this on a terminal, or with --yes"
  read -rp "Go on? Type yes: " answer || true
  [[ $answer == yes ]] || refuse "nothing was changed"
}

# make_copies POINT: complete ones of all that is in files, while the domain still runs
make_copies() {
  local point=$1 index target path node
  for ((index = 0; index < ${#REPLACED[@]}; index++)); do
    path=${REPLACED[index]} target=${REPLACES[index]#disk }
    if [[ -b $path ]]; then
      replace_note "device $target ${ATTACHED_FORMAT[$target]} $path"
      continue
    fi
    # The state of a TPM that never ran here has no folder; libvirt gives it to swtpm's user when it starts.
    [[ ${REPLACES[index]} != tpm* || -d ${path%/*} ]] || install -d -m 0711 -- "${path%/*}"
    replace_note "file $path"
    claim_anew "$path.tidemark-new" || die "$path.tidemark-new cannot be written"
    chmod 0600 -- "$path.tidemark-new"
    if [[ ${REPLACES[index]} != disk\ * ]]; then
      cat -- "${DOMAIN[folder]}/$point/${REPLACES[index]}" >"$path.tidemark-new" || die "$path could not be copied"
    else
      log "restore $target"
      node=$(chain_node "$point" "$target") || die "$CHAIN_FAULT"
      qemu-img convert -O "${ATTACHED_FORMAT[$target]}" -- "json:$node" "$path.tidemark-new" || die "the disk $target could not be restored"
    fi
    sync "$path.tidemark-new"
    fault "copy"
  done
}

# stop_domain: lets the guest shut down, and pulls the plug if it does not
stop_domain() {
  local -i until=$((SECONDS + REPLACE[within]))
  ! is_off || return 0
  v shutdown >/dev/null 2>&1 || true
  until is_off || ((SECONDS >= until)); do sleep 0.5; done
  ! is_off || return 0
  warning "${DOMAIN[name]} did not shut down within ${REPLACE[within]} s, so it is switched off"
  v destroy >/dev/null && is_off || die "${DOMAIN[name]} could not be stopped"
}

# keep_devices POINT: copies what the block devices hold into images; nothing is written to it any more
keep_devices() {
  local target format path image
  [[ ${REPLACE[aside]} != none ]] || return 0
  while read -r target format path; do
    image=$(name_aside "${REPLACE[aside]}/$target" "$1" .qcow2)
    log "keep what $path holds in $image"
    replace_note "kept $image"
    claim "$image" && chmod 0600 -- "$image" || die "$image cannot be written"
    qemu-img convert -f "$format" -O qcow2 -- "$path" "$image" && sync "$image" || die "what $path holds could not be kept"
  done < <(replace_noted device)
}

# complete_replacing: exchanges what is not exchanged yet, and starts the domain again if it ran
complete_replacing() {
  local point state path target format
  read -r point state < <(replace_noted begin)
  if ! has_replaced exchanged; then
    is_off || die "${DOMAIN[name]} was started while its disks were being replaced: stop it, and call this again"
    # A run builds on nothing that is older than this, because no bitmap of the disks goes back to a restore point.
    printf '%s\n' "$point" >"$(state_folder)/replaced"
    sync "$(state_folder)/replaced"
    while IFS= read -r path; do exchange "$path" "$point"; done < <(replace_noted file)
    while read -r target format path; do write_device "$point" "$target" "$format" "$path"; done < <(replace_noted device)
    forget_checkpoints
    fault "checkpoints"
    replace_note exchanged
  fi
  fault "exchanged"
  if [[ $state != "shut off" ]] && is_off; then
    if [[ $state == paused ]]; then v start --paused; else v start; fi >/dev/null ||
      die "${DOMAIN[name]} is restored, and could not be started; start it, then call this again"
  fi
  fault "started"
  while IFS= read -r path; do note "what the device held is in $path"; done < <(replace_noted kept)
  rm -f -- "$(replace_file)"
  title "${DOMAIN[name]} is as it was at $point; the next run takes a full"
  note "delete what was kept (its names have .before-$point in them) when you no longer need it"
}

# exchange PATH POINT: the file gets another name, and its copy gets the file's name. A kill between making a name and removing the
# other leaves one file with two names.
exchange() {
  local path=$1 aside
  [[ -e $path.tidemark-new ]] || return 0
  # The file of a TPM or of firmware that never ran is not there.
  if [[ -e $path && ! $path -ef $path.tidemark-new ]]; then
    # Now that the domain is stopped, libvirt has given the file back to its owner.
    chown --reference="$path" -- "$path.tidemark-new"
    chmod --reference="$path" -- "$path.tidemark-new"
    aside=$(name_aside "$path" "$2")
    if [[ $path -ef $aside ]]; then rm -f -- "$path"; else rename_new "$path" "$aside"; fi || die "$path could not be kept aside"
  fi
  fault "aside"
  if [[ $path -ef $path.tidemark-new ]]; then rm -f -- "$path.tidemark-new"; else rename_new "$path.tidemark-new" "$path"; fi || die "$path could not be replaced"
  fault "swapped"
}

# write_device POINT TARGET FORMAT DEVICE: writes the disk to it, anew if that was interrupted
write_device() {
  ! has_replaced "written $2" || return 0
  [[ -b $4 ]] || die "$4 is no block device any more: bring it back, and call this again"
  log "restore $2"
  TARGET_PATH[$2]=$4 TARGET_TYPE[$2]=block
  fault "device"
  write_disk "$1" "$2" "$3" || die "the disk $2 could not be restored"
  replace_note "written $2"
  fault "written"
}

# forget_checkpoints: the checkpoints of this repository, whose bitmaps the restored disks do not have. In disks that stay as they are,
# the bitmaps would record for ever.
forget_checkpoints() {
  local name target
  read_disks --inactive
  while IFS= read -r name; do
    [[ $name ]] || continue
    if ! is_point_name "$name" || ! is_sealed "$name"; then
      warning "the checkpoint $name is not of this repository, and the disks that were replaced no longer have its bitmap: who made it has to begin anew"
      continue
    fi
    v checkpoint-delete --checkpointname "$name" --metadata >/dev/null || warning "the checkpoint $name could not be deleted"
    for target in "${ATTACHED[@]}"; do
      [[ ${ATTACHED_FORMAT[$target]} != qcow2 || ! -f ${ATTACHED_PATH[$target]} && ! -b ${ATTACHED_PATH[$target]} ]] || qemu-img bitmap --remove -f qcow2 -- "${ATTACHED_PATH[$target]}" "$name" >/dev/null 2>&1 || true
    done
  done < <(v checkpoint-list --name 2>/dev/null)
}

# name_aside PATH POINT [SUFFIX]: prints a name that is free, or that the file has already got
name_aside() {
  local name=$1.before-$2${3:-}
  local -i count=1
  while [[ (-e $name || -L $name) && ! $name -ef $1 ]]; do
    count+=1
    name=$1.before-$2.$count${3:-}
  done
  printf '%s' "$name"
}

# undo_replacing: removes the copies of a restore that had not begun to exchange files, and starts the domain again if it ran
undo_replacing() {
  local state path
  read -r _ state < <(replace_noted begin) || state="shut off"
  while IFS= read -r path; do rm -f -- "$path.tidemark-new"; done < <(replace_noted file)
  while IFS= read -r path; do rm -f -- "$path"; done < <(replace_noted kept)
  if [[ $state == paused ]] && is_off; then
    v start --paused
  elif [[ $state != "shut off" ]] && is_off; then
    v start
  fi >/dev/null || warning "${DOMAIN[name]} could not be started again"
  rm -f -- "$(replace_file)"
}

# finish_replacing POINT: completes or undoes one that was interrupted; ends if it was this one
finish_replacing() {
  local point
  local -a devices=()
  [[ -f $(replace_file) ]] || return 0
  [[ ! ${RUN[dry]} ]] || refuse "a restore in place was interrupted; call it without --dry-run"
  read -r point _ < <(replace_noted begin) || point="another restore point"
  if has_replaced swap; then
    note "the restore in place to $point had begun to replace the disks; it is completed now"
    mapfile -t devices < <(replace_noted device)
    ((${#devices[@]} == 0)) || check_disks "$point" "${devices[@]%% *}"
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
    if has_replaced swap; then
      error "the disks of ${DOMAIN[name]} are being replaced: call this again to complete it"
    else
      undo_replacing
    fi
  fi
  end_script "$status"
}

loaded replace
