# Locks: one run at a time in a domain's folder of the repository, and one on the domain itself, whatever its policy and repository.
# Calls: journal (state_folder), messages (busy note refuse), ownership (make_folder)
# Reads: ANSWER, DOMAIN, POINT
# Sets: nothing

# Who had the domain's lock before this run: "SECONDS REPOSITORY-FOLDER POINT PROCESS", nothing if nobody since the host was started.
LAST_HOLDER=""

# run_folder: of this host, gone when it is started again
run_folder() {
  if ((EUID == 0)); then printf /run/tidemark; else printf '%s/tidemark' "${XDG_RUNTIME_DIR:-${HOME:?}/.cache}"; fi
}

# take_locks: a second run of this plan is told that it is busy; one of another plan waits for its turn, for as long as a job may take
take_locks() {
  local file
  make_folder "$(state_folder)"
  exec {LOCK}>>"$(state_folder)/lock"
  flock -w "${TIDEMARK_LOCK_WAIT:-10}" "$LOCK" || busy "another run of ${DOMAIN[name]} is at work in ${DOMAIN[folder]}"
  file=$(run_folder)
  [[ -d $file ]] || mkdir -p -m 700 -- "$file"
  [[ -O $file && ! -L $file ]] || refuse "$file belongs to another user, so the lock of the domain in it cannot be trusted"
  file+=/${DOMAIN[uuid]}.lock
  exec {DOMAIN_LOCK}>>"$file"
  flock -n "$DOMAIN_LOCK" || await_turn "$file"
  LAST_HOLDER=$(tail -n 1 -- "$file")
  printf '%(%s)T %s %s %s\n' -1 "${DOMAIN[folder]@Q}" "${POINT[name]}" "$$" >"$file"
}

# await_turn FILE: in steps, so that a signal is heard
await_turn() {
  local -i until=$((SECONDS + ANSWER[time-limit]))
  note "another plan's run has ${DOMAIN[name]}; this one waits for it ($(tail -n 1 -- "$1"))"
  until flock -n "$DOMAIN_LOCK"; do
    ((SECONDS < until)) || busy "another plan's run has had ${DOMAIN[name]} for ${ANSWER[time-limit]} s: $(tail -n 1 -- "$1")"
    sleep 1 &
    wait $! || true
  done
}

# close_locks: in the shell of a command that may leave something at work, which must not hold the locks
close_locks() {
  [[ ! ${LOCK:-} ]] || exec {LOCK}>&-
  [[ ! ${DOMAIN_LOCK:-} ]] || exec {DOMAIN_LOCK}>&-
}

loaded locks
