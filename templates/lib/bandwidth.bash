# The bandwidth of runs: how many bytes they copy in a second at most, by the minute of the week as clocks of the policy's zone show it.
# domain.bash has the limits, and when these clocks are changed, so that the host needs no data about time zones.
# Calls: nothing
# Reads: nothing
# Sets: nothing

declare -a LIMIT=() LIMIT_FROM=() CLOCK=() CLOCK_FROM=()

# bandwidth MINUTE BYTES: from this minute of the week on, which begins on Monday at 00:00; 0: as many as it can
bandwidth() { LIMIT_FROM+=("$1") LIMIT+=("$2"); }

# clock SECONDS AHEAD: from this instant on, the clocks are so many seconds ahead of UTC
clock() { CLOCK_FROM+=("$1") CLOCK+=("$2"); }

# has_bandwidth: whether there is a limit, at whatever time
has_bandwidth() { ((${#LIMIT[@]} > 0)); }

# bandwidth_at [SECONDS]: sets REPLY to the bytes a second that the policy allows at an instant, or now; 0: as many as it can
bandwidth_at() {
  local -i instant=${1:--1} ahead=${CLOCK[0]:-0} index minute
  REPLY=0
  ((instant >= 0)) || printf -v instant '%(%s)T' -1
  for ((index = 1; index < ${#CLOCK[@]} && CLOCK_FROM[index] <= instant; index++)); do ahead=${CLOCK[index]}; done
  # The first of January 1970 was a Thursday.
  minute=$(((instant + ahead) / 60 % 10080 + 4320))
  minute=$((minute % 10080))
  for ((index = 0; index < ${#LIMIT[@]} && LIMIT_FROM[index] <= minute; index++)); do REPLY=${LIMIT[index]}; done
}

# throttled NODE: prints the block node, held to the bandwidth if there is one; throttle_objects prints the options for it
throttled() { if has_bandwidth; then printf '{"driver":"throttle","throttle-group":"bandwidth","file":%s}' "$1"; else printf '%s' "$1"; fi; }

throttle_objects() {
  has_bandwidth || return 0
  bandwidth_at
  printf '%s\n' --object "throttle-group,id=bandwidth,x-bps-total=$REPLY"
}

loaded bandwidth
