# A restore point on demand: `run.sh --now`. The plan has no run for it, so the last run of the table that reads changes is its model: it
# has the disks, the paths and the documents. Name, bases and level are its own, and it deletes nothing.
# Calls: bases (last_verified may_build_on), manifest (disk_field manifest_form owned_points read_manifest), messages (instant
#   refuse), run (wrong_usage), table (read_runs)
# Reads: BASE, DISKS, DOMAIN, IMAGE, MANIFEST, PLAN, POINT, RUN, SCRATCH, SLOTS
# Sets: BASE, FOLDS, IMAGE, KEEP, LEVEL, POINT, PRUNE, RUN, SCRATCH, SLOTS, TABLE

# read_model FOLDER: reads the run that is the model from the table, and names the restore point
read_model() {
  local slot start level model="" other=""
  read_runs "$1"
  for slot in "${SLOTS[@]}"; do
    read -r slot start level <<<"$slot"
    other=$slot
    [[ $level == full ]] || model=$slot
  done
  [[ $other ]] || refuse "the plan has no run, so there is no model for a restore point on demand: compile the policy again"
  SLOTS=() TABLE[whole]=""
  read_runs "$1" "${model:-$other}"
  KEEP=() FOLDS=() PRUNE=() TABLE[retires]=""
  POINT[level]=incremental
  [[ $model && ${RUN[demand]} != full ]] || POINT[level]=full
  name_demanded
}

# name_demanded: names the restore point after the present second, and its files after the restore point. Slots are whole minutes, so a
# name with other seconds is no slot's.
name_demanded() {
  local former=${POINT[name]: -16} now target
  # The model of the tests has days of its own.
  now=${TIDEMARK_NOW:-}
  while [[ ! $now || ($now == *00Z || -e ${DOMAIN[folder]}/${PLAN[policy]}-$now) && ! ${TIDEMARK_NOW:-} ]]; do
    [[ ! $now ]] || sleep 0.2
    TZ=UTC printf -v now '%(%Y%m%dT%H%M%SZ)T' -1
  done
  POINT[name]=${PLAN[policy]}-$now
  POINT[slot]=$(instant "$now")
  for target in "${DISKS[@]}"; do
    IMAGE[$target]=$(as_demanded "${IMAGE[$target]}" "$former" "$now")
    SCRATCH[$target]=$(as_demanded "${SCRATCH[$target]}" "$former" "$now")
  done
}

# as_demanded TEXT SLOT OTHER-SLOT: prints the text with the other slot in the place of the first; the domain's folder keeps its name
as_demanded() {
  local text=${1//"$2"/"$3"} folder=${DOMAIN[folder]}
  printf '%s' "${text//"${folder//"$2"/"$3"}"/"$folder"}"
}

# planned_document FILE: prints the document of the plan; that of a model as the restore point on demand has it
planned_document() {
  if [[ ${RUN[demand]} ]]; then
    printf '%s\n' "$(as_demanded "$(<"$1")" "${POINT[documents]##*/}" "${POINT[name]: -16}")"
  else
    cat -- "$1"
  fi
}

# demand_bases: settles the base of each disk of which the model reads changes: the newest that was verified, or else a full of it
demand_bases() {
  local target level=full
  for target in "${DISKS[@]}"; do
    [[ ${BASE[$target]} ]] || continue
    BASE[$target]="" LEVEL[$target]=full
    if [[ ${RUN[demand]} == full ]]; then
      continue
    elif [[ ${RUN[state]} == offline ]]; then
      BASE[$target]=$(newest_covering "$target")
    else
      BASE[$target]=$(last_verified "$target")
    fi
    [[ ! ${BASE[$target]} ]] || LEVEL[$target]=incremental level=incremental
  done
  POINT[level]=$level
}

# newest_covering TARGET: prints the newest restore point whose checkpoint covers the disk
newest_covering() {
  local name found=""
  while IFS= read -r name; do
    if may_build_on "$name" && [[ $(disk_field "$name" "$1" bitmap) == true ]]; then found=$name; fi
  done < <(owned_points)
  printf '%s' "$found"
}

# pin_until TEXT: sets RUN[pin-until] to an instant: a time as date(1) reads it, or so many days or weeks from now (30d, 6w)
pin_until() {
  local text=$1 seconds
  [[ ! $text =~ ^([0-9]{1,4})([dw])$ ]] || if [[ ${BASH_REMATCH[2]} == d ]]; then text="${BASH_REMATCH[1]} days"; else text="${BASH_REMATCH[1]} weeks"; fi
  seconds=$(date -u -d "$text" +%s 2>/dev/null) || wrong_usage "--keep $1 is no time; write 2027-01-31, 30d or 6w"
  ((seconds > $(date +%s))) || wrong_usage "--keep $1 is over already"
  TZ=UTC printf -v 'RUN[pin-until]' '%(%Y-%m-%dT%H:%M:%SZ)T' "$seconds"
}

# pin_for REASON: sets RUN[pin-reason], which a manifest must be able to hold
pin_for() {
  RUN[pin-reason]=${1//[[:cntrl:]]/ }
  manifest_form pin.reason "string:${RUN[pin-reason]}" || wrong_usage "--pin takes a line of text"
}

# is_pinned POINT: whether its manifest says that it is to be kept, for ever or until a time that has not come
is_pinned() {
  local until
  read_manifest "$1" || return 1
  [[ ! ${MANIFEST["$1 pin.reason"]:-} ]] || return 0
  until=${MANIFEST["$1 pin.until"]:-}
  [[ $until && $until > $(date -u +%Y-%m-%dT%H:%M:%SZ) ]]
}

loaded demand
