# The guard notices that a script, or a file that it reads, was cut short. Each script sources this file in its first line; with the
# argument `tell`, the hook onFailure is called as well. From then on the script succeeds only if it ends with `leave`. The body of
# a script is one group of commands: bash reads the group as a whole, so a script that is replaced while it runs is not affected.
# Calls: nothing
# Reads: nothing
# Sets: nothing

# The names of the files that were read to their end. The last line of each file adds its name.
LOADED=" "
# plan: the plan directory. tells: "tell" if the hook onFailure is called for a damaged file. whole: set once all files were read to
# their end. left: set once the script has reached its end. script: the path of the script.
declare -A GUARD=([plan]="${BASH_SOURCE[0]%/*}/.." [tells]="" [whole]="" [left]="" [script]="")

# loaded NAME: the last line of each file that scripts source
loaded() { LOADED+="$1 "; }

# require NAME…: ends the script unless each file was read to its end
require() {
  local name
  for name in "$@"; do
    [[ $LOADED == *" $name "* ]] || {
      printf 'error: %s.bash was cut short, or is not there\n' "$name" >&2
      exit 1
    }
  done
  GUARD[whole]=yes
}

# leave STATUS: ends the script
leave() {
  GUARD[left]=yes
  exit "$1"
}

# end_script [EXIT-STATUS]: the trap on EXIT. It reports success only if the script called `leave`.
end_script() {
  local status=${1:-$?}
  trap - EXIT
  [[ ! ${GUARD[left]} ]] || exit "$status"
  if ((status == 0)); then
    status=1
    printf 'error: %s ended before its last step\n' "$0" >&2
  fi
  if [[ ! ${GUARD[whole]} ]]; then
    printf 'error: %s, or a file that it reads, is damaged or was cut short; nothing was done. Copy the whole plan here again.\n' "$0" >&2
    [[ ${GUARD[tells]} != tell ]] || tell_damage "$status" || true
  fi
  exit "$status"
}

# tell_damage EXIT-STATUS: calls the hook onFailure, if plan.bash still has it. It uses no other file, because that may be damaged.
tell_damage() (
  set +eu
  policy="" command=""
  plan() { policy=$1; }
  hook() { [[ $1 != onFailure ]] || command=$2; }
  on_host() { :; }
  answers() { :; }
  metrics() { :; }
  setting() { :; }
  # The last line may be incomplete, and the beginning of a word may be a command, as ex is of expect_disk.
  source <(sed '$d' -- "${GUARD[plan]}/plan.bash") 2>/dev/null
  export TIDEMARK_STATUS=failed TIDEMARK_EXIT=$1 TIDEMARK_POLICY=$policy
  [[ ! $command ]] || bash -c "$command" </dev/null
)

# refuse_cut FILE NAME: ends the script unless the last line of the file is there. A word that was cut short could be a command.
refuse_cut() {
  local -a lines=()
  [[ ! -f $1 ]] || mapfile -t lines <"$1"
  ((${#lines[@]} > 0)) && [[ ${lines[-1]} == "loaded $2" ]] || {
    printf 'error: %s.bash was cut short, or is not there\n' "$2" >&2
    exit 1
  }
}

# If a script is cut short within its first line, that line may lack its argument.
if [[ ${1:-} != off ]]; then
  GUARD[tells]=${1:-}
  trap end_script EXIT
  # The reader of a pipe may close it before the script has printed everything.
  trap 'exit 141' PIPE
  # The run.sh of a domain reads plan.bash and domain.bash.
  GUARD[script]=${BASH_SOURCE[1]:-}
  if [[ ${GUARD[script]##*/} == run.sh ]]; then
    [[ ${GUARD[script]} == */* ]] || GUARD[script]=./${GUARD[script]}
    refuse_cut "${GUARD[plan]}/plan.bash" plan
    refuse_cut "${GUARD[script]%/*}/domain.bash" domain
  fi
fi

loaded guard
