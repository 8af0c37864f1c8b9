# What notices that a script, or a file that it reads, was cut short. Each script sources this in its first line, with `tell` where a
# hook is to hear of it; from there on it ends well only if it leaves on purpose. Its body is one group of commands, which bash
# reads whole before it begins, so that a script that is replaced while it runs goes on as it was.
# Calls: nothing
# Reads: nothing
# Sets: nothing

# Files that were read to their end; the last line of each says so.
LOADED=" "
# The plan directory; whether the policy's hook hears of damage; whether all files were there, whole; whether the script came to its end; the
# script.
declare -A GUARD=([plan]="${BASH_SOURCE[0]%/*}/.." [tells]="" [whole]="" [left]="" [script]="")

# loaded NAME: the last line of each file that scripts source
loaded() { LOADED+="$1 "; }

# require NAME…: ends the script unless each was read to its end
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

# leave STATUS: the script is at its end
leave() {
  GUARD[left]=yes
  exit "$1"
}

# end_script [EXIT-STATUS]: success only where the script left on purpose
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

# tell_damage EXIT-STATUS: calls the hook onFailure, as far as the plan can be read. The other files may be what is damaged.
tell_damage() (
  set +eu
  policy="" command=""
  plan() { policy=$1; }
  hook() { [[ $1 != onFailure ]] || command=$2; }
  on_host() { :; }
  answers() { :; }
  metrics() { :; }
  setting() { :; }
  # Whole lines only: the beginning of a word may be a command, such as ex of expect_disk.
  source <(sed '$d' -- "${GUARD[plan]}/plan.bash") 2>/dev/null
  export TIDEMARK_STATUS=failed TIDEMARK_EXIT=$1 TIDEMARK_POLICY=$policy
  [[ ! $command ]] || bash -c "$command" </dev/null
)

# refuse_cut FILE NAME: one that declares things is not read unless its last line is there, as a word that was cut short is a command
refuse_cut() {
  local -a lines=()
  [[ ! -f $1 ]] || mapfile -t lines <"$1"
  ((${#lines[@]} > 0)) && [[ ${lines[-1]} == "loaded $2" ]] || {
    printf 'error: %s.bash was cut short, or is not there\n' "$2" >&2
    exit 1
  }
}

# Without its last word, the line that sources this may be all that is left of a script.
if [[ ${1:-} != off ]]; then
  GUARD[tells]=${1:-}
  trap end_script EXIT
  # Whoever reads what it prints may stop to.
  trap 'exit 141' PIPE
  # Of a domain's run.sh, which reads both.
  GUARD[script]=${BASH_SOURCE[1]:-}
  if [[ ${GUARD[script]##*/} == run.sh ]]; then
    [[ ${GUARD[script]} == */* ]] || GUARD[script]=./${GUARD[script]}
    refuse_cut "${GUARD[plan]}/plan.bash" plan
    refuse_cut "${GUARD[script]%/*}/domain.bash" domain
  fi
fi

loaded guard
