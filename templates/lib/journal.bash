# The journal: what a run has begun, written before it is done, so that whoever comes next can undo it.

state_folder() { printf '%s/.tidemark' "${DOMAIN[folder]}"; }
journal_file() { printf '%s/.tidemark/journal' "${DOMAIN[folder]}"; }

# take_lock: one run a domain; waits a little for one that is about to end
take_lock() {
  mkdir -p -- "$(state_folder)"
  exec {LOCK}>"$(state_folder)/lock"
  flock -w "${TIDEMARK_LOCK_WAIT:-10}" "$LOCK" || busy "another run of ${DOMAIN[name]} is at work"
}

# journal WORD [TEXT]: one line, on the disk before this returns
journal() {
  [[ ${RUN[dry]} ]] && return
  local file
  file=$(journal_file)
  printf '%s\n' "$*" >>"$file"
  sync "$file"
}

close_journal() { rm -f -- "$(journal_file)"; }

# journaled WORD: the texts of its lines
journaled() { [[ -f $(journal_file) ]] && sed -n "s/^$1 \{0,1\}//p" "$(journal_file)"; }
has_journaled() { [[ -f $(journal_file) ]] && grep -q "^$1\b" "$(journal_file)"; }

# finish_earlier_run: rolls back a run that did not end, or completes one that was sealed
finish_earlier_run() {
  finish_folding
  finish_pruning
  delete_pending
  [[ -f $(journal_file) ]] || return 0
  local earlier
  earlier=$(journaled begin | tail -n 1)
  if [[ $earlier ]] && { has_journaled sealed || has_manifest "$earlier"; }; then
    note "the run $earlier was complete and is closed now"
    [[ $earlier == "${POINT[name]}" ]] || close_journal
    return
  fi
  warning "the run ${earlier:-before} did not end; undoing it"
  (roll_back) || {
    error "could not undo ${earlier:-it}; nothing else is done before that is possible"
    exit 5
  }
}

# roll_back: undoes what the journal names, in reverse; what is gone already is no failure. Callers ask for its status, so
# that bash does not end it at a failure: each that matters is noted here.
roll_back() {
  local undone path kind failed=""
  await_libvirt || return 1
  undone=$(journaled begin | tail -n 1)
  if has_journaled frozen && ! has_journaled thawed; then
    v domfsthaw >/dev/null 2>&1 || is_stopped || warning "the guest could not be thawed"
    journal thawed
  fi
  fault "undo"
  if has_journaled job; then abort_own_job || failed=yes; fi
  if [[ $undone ]]; then delete_new_checkpoint "$undone" || failed=yes; fi
  while read -r kind path; do
    case $kind in
      image | scratch | socket) rm -f -- "$path" || failed=yes ;;
    esac
  done <"$(journal_file)"
  unsend
  if [[ $undone && ! -f ${DOMAIN[folder]}/$undone/manifest.json ]]; then
    rm -rf -- "${DOMAIN[folder]:?}/$undone" || failed=yes
  fi
  [[ ! $failed ]] || return 1
  close_journal
}

is_stopped() { [[ $(domain_state) =~ ^(shut\ off|crashed|)$ ]]; }

# Only a backup that writes to one of this run's images or scratch files is this run's.
abort_own_job() {
  local path document
  document=$(v backup-dumpxml 2>/dev/null) || return 0
  while IFS= read -r path; do
    if [[ $(xml_text "$document") == *"'$path'"* ]]; then
      v domjobabort >/dev/null 2>&1 || true
      local -i patience=100
      while [[ $(job_operation) == Backup ]]; do
        ((patience-- > 0)) || return 1
        sleep 0.1
      done
      return 0
    fi
  done < <(journaled image; journaled scratch)
}

# A checkpoint's bitmap can be deleted only while the domain runs; with --metadata alone it would record for ever. Until it
# runs again the name waits in a file: no run takes it for a base, as it has no manifest.
delete_new_checkpoint() {
  checkpoint_listed "$1" || return 0
  if is_running; then
    delete_checkpoint "$1"
  else
    note "the checkpoint $1 is deleted when ${DOMAIN[name]} runs again"
    printf '%s\n' "$1" >>"$(state_folder)/pending"
  fi
}

delete_pending() {
  local pending name
  pending=$(state_folder)/pending
  [[ -f $pending ]] && is_running || return 0
  while IFS= read -r name; do
    has_manifest "$name" || ! checkpoint_listed "$name" || delete_checkpoint "$name" || return 0
  done <"$pending"
  rm -f -- "$pending"
}

# delete_checkpoint NAME: with its bitmap; without, if that is gone (libvirt then refuses the plain delete)
delete_checkpoint() {
  v checkpoint-delete --checkpointname "$1" >/dev/null 2>&1 ||
    v checkpoint-delete --checkpointname "$1" --metadata >/dev/null
}
