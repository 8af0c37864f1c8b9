# The backup job: begun with both documents in one transaction, watched to its end.

# freeze fail|continue: the guest's file systems, through its agent
freeze() {
  step "freeze the guest" || return 0
  journal frozen
  if ! run v domfsfreeze; then
    [[ $1 == continue ]] || die "the guest could not be frozen (does its agent run?)"
    warning "the guest could not be frozen; the backup is as after a power cut"
    RUN[deviation]=${RUN[deviation]:-not frozen}
  fi
}

# thaw: the point in time is fixed once the job has begun
thaw() {
  step "thaw the guest" || return 0
  if run v domfsthaw; then journal thawed; else warning "the guest could not be thawed"; fi
}

# begin_backup: checkpoint and job in one QEMU transaction; a failed begin leaves neither
begin_backup() {
  step "begin the backup" || return 0
  local backup checkpoint reply="" documents
  documents=${POINT[documents]}
  if [[ ! ${RUN[dry]} ]]; then
    documents=$(mktemp -d)
    prepare_documents "$documents/backup.xml" "$documents/checkpoint.xml"
  fi
  backup=$documents/backup.xml checkpoint=$documents/checkpoint.xml
  local -a command=(v backup-begin --backupxml "$backup" --reuse-external)
  [[ ${DOMAIN[mode]} == pull ]] && command=(v backup-begin --backupxml "$backup")
  [[ -e $checkpoint ]] && command+=(--checkpointxml "$checkpoint")
  [[ ${RUN[dry]} ]] || v domjobinfo --completed >/dev/null 2>&1 || true
  journal_places
  journal job
  fault "job"
  if [[ ${RUN[dry]} ]]; then
    run "${command[@]}"
    return
  fi
  reply=$("${command[@]}" 2>&1) || {
    rm -rf -- "$documents"
    die "libvirt refused the backup: $reply"
  }
  rm -rf -- "$documents"
  fault "begun"
}

# check_places: undoing a run deletes what it journals, so nothing that is there already may come to be named in it; and QEMU
# would take a socket away from whoever listens there, and serve this domain's disks to who reads another's
check_places() {
  [[ ${DOMAIN[mode]} == pull ]] || return 0
  local target
  local -a found=()
  [[ ${SERVER[transport]} != unix || ! -e ${SERVER[address]} ]] ||
    found+=("${SERVER[address]} is in the way: another backup is served there, or one has left it")
  for target in "${DISKS[@]}"; do
    [[ ! -e ${SCRATCH[$target]} || -b ${SCRATCH[$target]} ]] || found+=("${SCRATCH[$target]} is in the way of the scratch file of $target")
  done
  ((${#found[@]} == 0)) || refuse "${found[@]}"
}

journal_places() {
  [[ ${DOMAIN[mode]} == pull ]] || return 0
  local target
  [[ ${SERVER[transport]} != unix ]] || {
    journal socket "${SERVER[address]}"
    run mkdir -p -- "${SERVER[address]%/*}"
  }
  for target in "${DISKS[@]}"; do
    if [[ ! -b ${SCRATCH[$target]} ]]; then
      journal scratch "${SCRATCH[$target]}"
      run mkdir -p -- "${SCRATCH[$target]%/*}"
    fi
  done
}

# prepare_documents BACKUP CHECKPOINT: the planned documents, with the bases that were settled and without disks that are gone;
# no checkpoint if none of its disks can have a bitmap any more
prepare_documents() {
  local source=${POINT[documents]}/backup.xml target line name skip=""
  [[ ${RUN[fallback]} && -e ${POINT[documents]}/fallback/backup.xml ]] && source=${POINT[documents]}/fallback/backup.xml
  while IFS= read -r line; do
    if [[ $line =~ \<disk\ name=\'([^\']+)\' ]]; then
      name=${BASH_REMATCH[1]} skip=""
      if [[ ${RUN[fallback]} ]] && ((${#FOUND[@]} > 0)) && [[ ! ${FOUND_TYPE[$name]:-} ]]; then skip=yes; fi
      if [[ ! $skip && ${BASE[$name]:-} ]]; then line=$(sed "s/ incremental='[^']*'/ incremental='${BASE[$name]}'/" <<<"$line"); fi
      if [[ $skip && $line == *"/>" ]]; then skip="" && continue; fi
    elif [[ $line =~ ^\ *\<incremental\> ]]; then
      for target in "${DISKS[@]}"; do [[ ${BASE[$target]} ]] && name=${BASE[$target]}; done
      line="  <incremental>$name</incremental>"
    elif [[ $skip && $line == *"</disk>"* ]]; then
      skip=""
      continue
    fi
    [[ $skip ]] || printf '%s\n' "$line"
  done <"$source" >"$1"
  [[ -e ${POINT[documents]}/checkpoint.xml ]] && makes_checkpoint || return 0
  while IFS= read -r line; do
    if [[ ${RUN[fallback]} && $line =~ \<disk\ name=\'([^\']+)\' ]] && ((${#FOUND[@]} > 0)); then
      name=${BASH_REMATCH[1]}
      [[ ${FOUND_TYPE[$name]:-} ]] || continue
      [[ ${BITMAP[$name]:-no} == yes ]] || line="    <disk name='$name' checkpoint='no'/>"
    fi
    printf '%s\n' "$line"
  done <"${POINT[documents]}/checkpoint.xml" >"$2"
}

# wait_for_job: until QEMU has written every image; longer than the time limit is a failure
wait_for_job() {
  step "wait for the job" || return 0
  [[ ${RUN[dry]} ]] && return
  local -i started=$SECONDS limit=${ANSWER[time-limit]}
  local info
  while :; do
    info=$(v domjobinfo --rawstats 2>/dev/null) || {
      await_libvirt && info=$(v domjobinfo --rawstats 2>&1) || die "the domain is gone: $info"
    }
    [[ $info =~ Job\ type:\ [12] ]] || break
    ((SECONDS - started < limit)) || die "the job took longer than $limit s"
    progress "$(raw_field "$info" disk_processed)" "$(raw_field "$info" disk_total)" "$started"
    fault "wait"
    sleep 0.2
  done
  end_progress
  info=$(v domjobinfo --completed --anystats --rawstats 2>&1) || die "the domain is gone: $info"
  # 3 is Completed, operation 9 a backup (libvirt-domain.h); a failed job is 4, a cancelled one 5.
  [[ $info =~ Job\ type:\ 3 && $(raw_field "$info" operation) == 9 ]] ||
    die "the backup job failed: $(sed -n 's/^errmsg: //p' <<<"$info" | grep . || echo "it was aborted, or the domain stopped")"
  note "$(human "$(raw_field "$info" disk_total)") in $(raw_field "$info" time_elapsed) ms"
  fault "waited"
}

# raw_field TEXT NAME
raw_field() {
  local value
  value=$(sed -n "s/^$2: //p" <<<"$1" | sed -n 1p)
  printf '%s' "${value:-0}"
}
