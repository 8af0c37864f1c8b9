# The plan, the domain and the run, as run.sh, run-due.sh and restore.sh know them, and the states that a run goes through.
# Calls: messages (die)
# Reads: nothing
# Sets: nothing

# Values from plan.bash and domain.bash.
declare -A PLAN=([policy]="" [digest]="" [from]="" [until]="" [host]="")
declare -A DOMAIN=([name]="" [uuid]="" [folder]="" [mode]="")
declare -A ANSWER=([missing-base]="" [drift]="" [stopped]="" [time-limit]="" [owners]="" [new-disk]="")

# The run: its options, its state, and what it has done so far. `reported` is set once hooks and metrics have the outcome, so that they
# get it only once.
declare -A RUN=([state]="waiting" [dry]="" [connect]="" [progress]="" [deviation]="" [fallback]="" [frozen]="" [quiesced]="" [demand]="" [pin-until]="" [pin-reason]="" [copying]=0 [since]=0
  [step]="start" [before]="" [reported]="" [guard]="" [events]="" [events-before]=0 [created]="" [replaced]="")

# The states of a run, and the states that may follow each: waiting (for the lock), new, offline (the disks of a stopped domain are
# copied), sealed (the manifest is written), skipped, and done (nothing is left to do).
declare -A FOLLOWS=([waiting]="new" [new]="offline sealed skipped" [offline]="new" [sealed]="done" [skipped]="" [done]="")

# enter STATE: moves the run to its next state. Nothing else changes RUN[state].
enter() {
  [[ " ${FOLLOWS[${RUN[state]}]} " == *" $1 "* ]] || die "a run that is ${RUN[state]} cannot become $1"
  RUN[state]=$1
}

# fault NAME: the tests stop a run at this point, to see it undone: TIDEMARK_FAULT=NAME:kill|fail|term|stop[,…]
fault() {
  local wanted
  local -a faults
  [[ ${TIDEMARK_FAULT:-} ]] || return 0
  IFS=, read -ra faults <<<"$TIDEMARK_FAULT"
  for wanted in "${faults[@]}"; do
    case $wanted in
      "$1:kill") kill -9 $$ ;;
      "$1:fail") die "fault at $1" ;;
      "$1:term") kill -TERM $$ ;;
      "$1:stop") kill -STOP $$ ;;
    esac
  done
}

loaded state
