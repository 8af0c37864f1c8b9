# A restore point on demand: `run.sh --now`. The plan has no run for it, so the last run of the table that reads changes is its model: it
# has the disks, the paths and the documents. Name, bases and level are its own, and it deletes nothing.
# Calls: bases (last_verified may_build_on), manifest (disk_field owned_points), messages (instant refuse), table (read_runs)
# Reads: BASE, DISKS, DOMAIN, IMAGE, PLAN, POINT, RUN, SCRATCH, SLOTS
# Sets: BASE, FOLDS, IMAGE, KEEP, LEVEL, POINT, PRUNE, SCRATCH, SLOTS, TABLE

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

loaded demand
