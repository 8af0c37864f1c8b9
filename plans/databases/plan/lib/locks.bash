# Locks: one lock for the domain's folder in the repository, and one for the domain itself. The second one keeps apart runs of
# different policies and repositories.
# Calls: journal (state_folder), messages (busy note refuse), ownership (make_folder)
# Reads: ANSWER, DOMAIN, POINT
# Sets: nothing

# The run that had the domain's lock before this one: "SECONDS REPOSITORY-FOLDER POINT PROCESS". It is empty if there was none since
# the host was started.
LAST_HOLDER=""

# run_folder: prints the folder of the locks, which is empty after the host was started
run_folder() {
  if ((EUID == 0)); then printf /run/tidemark; else printf '%s/tidemark' "${XDG_RUNTIME_DIR:-${HOME:?}/.cache}"; fi
}

# take_locks: takes both locks. A second run of the same plan ends as busy; a run of another plan waits, for as long as a job may take.
take_locks() {
  local file
  lock_folder
  file=$(run_folder)
  [[ -d $file ]] || mkdir -p -m 700 -- "$file"
  [[ -O $file && ! -L $file ]] || refuse "$file belongs to another user, so the lock of the domain in it cannot be trusted"
  file+=/${DOMAIN[uuid]}.lock
  exec {DOMAIN_LOCK}>>"$file"
  flock -n "$DOMAIN_LOCK" || await_turn "$file"
  LAST_HOLDER=$(tail -n 1 -- "$file")
  printf '%(%s)T %s %s %s\n' -1 "${DOMAIN[folder]@Q}" "${POINT[name]}" "$$" >"$file"
}

# lock_folder: takes the lock of the domain's folder in the repository, or ends as busy
lock_folder() {
  make_folder "$(state_folder)"
  exec {LOCK}>>"$(state_folder)/lock"
  flock -w "${TIDEMARK_LOCK_WAIT:-10}" "$LOCK" || busy "another run of ${DOMAIN[name]} uses ${DOMAIN[folder]}"
}

# await_turn FILE: waits for the lock of the domain, in short steps, so that the run reacts to a signal
await_turn() {
  local -i until=$((SECONDS + ANSWER[time-limit]))
  note "this run waits for a run of another plan that uses ${DOMAIN[name]} ($(tail -n 1 -- "$1"))"
  until flock -n "$DOMAIN_LOCK"; do
    ((SECONDS < until)) || busy "a run of another plan has used ${DOMAIN[name]} for more than ${ANSWER[time-limit]} s: $(tail -n 1 -- "$1")"
    sleep 1 &
    wait $! || true
  done
}

# close_locks: closes the locks in a subshell, before it starts a process that may outlive the run
close_locks() {
  [[ ! ${LOCK:-} ]] || exec {LOCK}>&-
  [[ ! ${DOMAIN_LOCK:-} ]] || exec {DOMAIN_LOCK}>&-
}

loaded locks
