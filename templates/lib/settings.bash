# Settings of the policy about runs, by name. Sourced, never run. plan.bash and domain.bash set them; the defaults are below.
#   file-mode, folder-mode      modes of what runs write, in octal digits
#   owner, group                owner and group of what runs write; empty: those of the run
#   space-percent, space-bytes  space that must be free in addition to what a run is expected to write
#   retry-times, retry-seconds  how often, and how long after the last try, a night with failed runs is tried again
#   hook-seconds                how long a command of a hook may take
#   freeze-seconds              how long freezing is tried again while the guest's agent does not answer
# Calls: messages (die)
# Reads: nothing
# Sets: nothing

declare -A SETTING=(
  [file-mode]=0640 [folder-mode]=0750 [owner]="" [group]=""
  [space-percent]=10 [space-bytes]=16777216
  [retry-times]=2 [retry-seconds]=900
  [hook-seconds]=600
  [freeze-seconds]=60
)

# setting NAME VALUE
setting() {
  [[ ${SETTING[$1]+known} ]] || die "there is no setting $1: the plan and its lib/ are from different versions of tidemark"
  SETTING[$1]=$2
}

loaded settings
