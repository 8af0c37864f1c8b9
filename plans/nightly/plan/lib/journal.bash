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
  finish_pruning
  [[ -f $(journal_file) ]] || return 0
  local earlier
  earlier=$(journaled begin | tail -n 1)
  if [[ $earlier ]] && { has_journaled sealed || has_manifest "$earlier"; }; then
    note "the run $earlier was complete and is closed now"
    [[ $earlier == "${POINT[name]}" ]] || close_journal
    return
  fi
  warning "the run ${earlier:-before} did not end; undoing it"
  (set -e; roll_back) || {
    error "could not undo ${earlier:-it}; nothing else is done before that is possible (does the domain run?)"
    exit 5
  }
}

# roll_back: undoes what the journal names, in reverse; what is gone already is no failure
roll_back() {
  local undone path kind
  undone=$(journaled begin | tail -n 1)
  if has_journaled frozen && ! has_journaled thawed; then
    v domfsthaw >/dev/null 2>&1 || is_stopped || warning "the guest could not be thawed"
    journal thawed
  fi
  fault "undo"
  if has_journaled job; then abort_own_job; fi
  [[ ! $undone ]] || delete_checkpoint_or_wait "$undone"
  while read -r kind path; do
    case $kind in
      image | scratch | socket) rm -f -- "$path" ;;
    esac
  done <"$(journal_file)"
  if [[ $undone && ! -f ${DOMAIN[folder]}/$undone/manifest.json ]]; then
    rm -rf -- "${DOMAIN[folder]:?}/$undone"
  fi
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
      while [[ $(job_operation) == Backup ]] && ((patience-- > 0)); do sleep 0.1; done
      return
    fi
  done < <(journaled image; journaled scratch)
}

# A checkpoint's bitmap can be deleted only while the domain runs; with --metadata alone it would record for ever.
delete_checkpoint_or_wait() {
  checkpoint_listed "$1" || return 0
  is_running || {
    warning "the checkpoint $1 can be deleted when ${DOMAIN[name]} runs again"
    return 1
  }
  delete_checkpoint "$1"
}

# delete_checkpoint NAME: with its bitmap; without, if that is gone (libvirt then refuses the plain delete)
delete_checkpoint() {
  v checkpoint-delete --checkpointname "$1" >/dev/null 2>&1 ||
    v checkpoint-delete --checkpointname "$1" --metadata >/dev/null
}
