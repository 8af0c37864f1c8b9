# After the manifest: checkpoints that no coming run reads from, and restore points whose time is over.

# retire_checkpoints KEEP…: deletes this policy's older checkpoints but those
retire_checkpoints() {
  after_manifest "retire checkpoints" || return 0
  local name
  if [[ ${RUN[dry]} ]]; then
    printf '  (this policy'\''s older checkpoints but: %s)\n' "$*"
    return
  fi
  is_running || return 0
  while IFS= read -r name; do
    own_name "$name" || continue
    [[ ${name: -16} < ${POINT[name]: -16} && " $* " != *" $name "* ]] || continue
    delete_checkpoint "$name" || warning "the checkpoint $name could not be deleted; the next run tries again"
    fault "retired"
  done < <(v checkpoint-list --name 2>/dev/null)
}

# prune_points "BECAUSE…" POINT…: newest first; skipped while a restore point that made it due is missing
prune_points() {
  after_manifest "prune" || return 0
  local because name user
  local -a needed_by=()
  if [[ ${RUN[dry]} ]]; then
    printf '  (delete: %s)\n' "${*:2}"
    return
  fi
  for because in $1; do
    has_manifest "$because" && continue
    note "nothing is pruned: $because is missing, and without it the others are needed longer"
    return
  done
  mkdir -p -- "$(state_folder)/pruned"
  for name in "${@:2}"; do
    has_manifest "$name" || continue
    user=$(stands_on "$name")
    if [[ $user ]]; then
      warning "$name is kept: $user stands on it"
      continue
    fi
    mv -T -- "${DOMAIN[folder]}/$name" "$(state_folder)/pruned/$name"
    fault "pruned"
  done
  finish_pruning
}

# stands_on POINT: a restore point that names it as a base
stands_on() {
  grep -lF -- "\"base\":\"$1\"" "${DOMAIN[folder]}"/*/manifest.json 2>/dev/null | sed -n 1p | sed 's|/manifest.json$||; s|.*/||' || true
}

# finish_pruning: deletes what was moved out of the catalog, images that lie elsewhere first
finish_pruning() {
  local folder target image pruned
  pruned=$(state_folder)/pruned
  [[ -d $pruned ]] || return 0
  for folder in "$pruned"/*/; do
    folder=${folder%/}
    [[ -d $folder ]] || continue
    if ! delete_streams "$folder/manifest.json"; then
      warning "the streams of ${folder##*/} could not be deleted; the next run tries again"
      continue
    fi
    while IFS= read -r target; do
      image=$(manifest_field "$folder/manifest.json" "$target" image)
      [[ $image == */* ]] || continue
      [[ $image == /* ]] || image=$(realpath -ms -- "${DOMAIN[folder]}/${folder##*/}/$image")
      [[ -f $image ]] && rm -f -- "$image"
    done < <([[ ! -f $folder/manifest.json ]] || disk_targets "$folder/manifest.json")
    rm -rf -- "$folder"
  done
  rmdir --ignore-fail-on-non-empty -- "$pruned"
}

# after_manifest NAME: a step that also a run repeats which is complete but was cut short
after_manifest() {
  RUN[step]=$1
  [[ ${RUN[state]} == sealed || ${RUN[dry]} ]] || return 1
  log "$1"
  fault "$1"
}
