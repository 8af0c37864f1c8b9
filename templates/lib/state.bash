# What is known of plan, domain and run: declared once, for run.sh, run-due.sh and restore.sh, and the states that a run goes through.
# Calls: messages (die)
# Reads: nothing
# Sets: nothing

# What plan.bash and domain.bash say.
declare -A PLAN=([policy]="" [digest]="" [from]="" [until]="" [host]="")
declare -A DOMAIN=([name]="" [uuid]="" [folder]="" [mode]="")
declare -A ANSWER=([missing-base]="" [drift]="" [stopped]="" [time-limit]="" [owners]="")

# How the script goes, and the run that it makes. Once the end of a run is told to hooks and metrics, it is not told again.
declare -A RUN=([state]="waiting" [dry]="" [connect]="" [progress]="" [deviation]="" [fallback]="" [frozen]="" [copying]=0
  [step]="start" [before]="" [told]="" [guard]="" [heard]="" [heard-before]=0 [created]="")

# The states of a run, and those that may follow each: waiting (it has no lock yet), new, offline (the disks of a stopped domain are
# copied), sealed (the manifest is written), skipped, and done (nothing is left to do).
declare -A FOLLOWS=([waiting]="new" [new]="offline sealed skipped" [offline]="new" [sealed]="done" [skipped]="" [done]="")

# enter STATE: the only way from one to another
enter() {
  [[ " ${FOLLOWS[${RUN[state]}]} " == *" $1 "* ]] || die "the run is ${RUN[state]}, which $1 does not follow"
  RUN[state]=$1
}

loaded state
