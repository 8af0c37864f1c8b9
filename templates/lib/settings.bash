# What the policy says of how runs behave, by name. Sourced, never run.
# plan.bash and domain.bash set it; a setting that they leave out is as below.
#   file-mode, folder-mode      modes of what runs write, in octal digits
#   owner, group                who owns what runs write; empty: the user that the run is, and its group
#   space-percent, space-bytes  what must be free besides what a run is expected to write
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
  [[ ${SETTING[$1]+known} ]] || die "there is no setting $1: the plan was compiled by another tidemark than its lib/"
  SETTING[$1]=$2
}

loaded settings
