# The record of ended runs: .tidemark/outcomes has a line of JSON for each, so that `tidemark status` can tell a slot whose run failed
# from a slot that was missed.
# Calls: files (claim claim_anew), journal (state_folder), json (json), messages (warning), ownership (give)
# Reads: RUN
# Sets: nothing

# Lines that the record has at least and at most: it is cut to the first number when it has more than the second.
readonly OUTCOMES_KEPT=1000 OUTCOMES_MOST=2000

# record_outcome SLOT OUTCOME EXIT-STATUS STEP [WHY]: adds a line to the record; that it could not be written is only a warning
record_outcome() {
  local file line why=${5:-}
  [[ ! ${RUN[dry]} && -d $(state_folder) ]] || return 0
  file=$(state_folder)/outcomes
  # A line is short enough to be written in one piece.
  why=${why//[[:cntrl:]]/ }
  printf -v line '{"slot":%s,"outcome":%s,"exit":%d,"at":"%(%Y-%m-%dT%H:%M:%SZ)T","step":%s,"why":%s}' \
    "$(json "$1")" "$(json "$2")" "$3" -1 "$(json "$4")" "$(json "${why:0:500}")"
  if [[ ! -e $file ]] && ! { claim "$file" && (give "$file"); } || [[ -L $file ]] || ! printf '%s\n' "$line" >>"$file"; then
    warning "the outcome of the run could not be recorded in $file"
    return 0
  fi
  [[ $(wc -l <"$file") -le $OUTCOMES_MOST ]] || shorten_outcomes "$file" || warning "$file could not be shortened"
}

# shorten_outcomes FILE: leaves the newest lines
shorten_outcomes() {
  claim_anew "$1.part" && tail -n "$OUTCOMES_KEPT" -- "$1" >"$1.part" && (give "$1.part") && mv -- "$1.part" "$1"
}

loaded outcomes
