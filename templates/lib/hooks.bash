# Hooks: commands of the policy, called before a run begins and when it has ended. Only `before` can change how it goes.

declare -A HOOK=([before]="" [after]="" [onSuccess]="" [onFailure]="")

# hook NAME COMMAND
hook() { HOOK[$1]=$2; }

# call_before: a run whose `before` fails does not begin
call_before() {
  RUN[before]=yes
  call_hook before || die "the run does not begin: exit status $? of the hook before: ${HOOK[before]}"
}

# call_ending OUTCOME EXIT-STATUS: what fails here is only told
call_ending() {
  local -x TIDEMARK_STATUS=$1 TIDEMARK_EXIT=$2 TIDEMARK_SECONDS=$SECONDS TIDEMARK_BYTES
  TIDEMARK_BYTES=$(point_bytes "${POINT[name]}")
  case $1 in
    done) try_hook onSuccess ;;
    failed | refused | busy) try_hook onFailure ;;
  esac
  # It ends what `before` began, so a run that came no further than the lock has nothing for it.
  [[ ! ${RUN[before]} ]] || try_hook after
}

try_hook() { call_hook "$1" || warning "exit status $? of the hook $1: ${HOOK[$1]}"; }

# call_hook NAME: the command learns from its environment what it is about
call_hook() {
  local command=${HOOK[$1]}
  [[ $command ]] || return 0
  if [[ ${RUN[dry]} ]]; then
    printf '  (%s: %s)\n' "$1" "$command"
    return 0
  fi
  log "hook $1"
  (
    # What it leaves at work must not hold the domain's lock.
    [[ ! ${LOCK:-} ]] || exec {LOCK}>&-
    export TIDEMARK_POLICY=${PLAN[policy]} TIDEMARK_DOMAIN=${DOMAIN[name]} TIDEMARK_UUID=${DOMAIN[uuid]}
    export TIDEMARK_SLOT=${POINT[slot]} TIDEMARK_POINT=${POINT[name]} TIDEMARK_REPOSITORY=${DOMAIN[folder]}
    TIDEMARK_LEVEL=$(run_level)
    export TIDEMARK_LEVEL
    exec bash -c "$command" </dev/null
  )
}
