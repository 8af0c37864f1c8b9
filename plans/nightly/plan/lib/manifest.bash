# manifest.json: what makes a folder a restore point. Written in one layout, a disk a line, so that it can be read back here.

has_manifest() { [[ -f ${DOMAIN[folder]}/$1/manifest.json ]]; }

# points: the names of the restore points, oldest slot first
points() {
  local file name
  for file in "${DOMAIN[folder]}"/*/manifest.json; do
    [[ -f $file ]] || continue
    name=${file%/manifest.json}
    printf '%s %s\n' "${name: -16}" "${name##*/}"
  done | sort | cut -d ' ' -f 2-
}

# is_point_name NAME: what a state file names becomes a part of paths, and whoever can write there is not to lead them elsewhere
is_point_name() { [[ $1 =~ ^[A-Za-z0-9_-][A-Za-z0-9_.-]*-[0-9]{8}T[0-9]{6}Z$ ]]; }

# own_name NAME: whether a checkpoint or restore point is this plan's
own_name() {
  local owner
  [[ $1 =~ ^(.+)-[0-9]{8}T[0-9]{6}Z$ ]] || return 1
  for owner in ${ANSWER[owners]}; do
    [[ ${BASH_REMATCH[1]} == "$owner" ]] && return 0
  done
  return 1
}

# own_points: those of the restore points that are this plan's, oldest slot first
own_points() {
  local name
  while IFS= read -r name; do
    if own_name "$name"; then printf '%s\n' "$name"; fi
  done < <(points)
}

newest_point() { own_points | tail -n 1; }

# json TEXT: as a JSON string; control characters never get here (the compiler refuses them)
json() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

json_text() {
  local text=${1//\\\"/\"}
  printf '%s' "${text//\\\\/\\}"
}

# disk_field POINT TARGET KEY: a value of a disk's line; strings come without their quotes, null as nothing
disk_field() { manifest_field "$(manifest_of "$1" "$2")" "$2" "$3"; }

# manifest_of POINT TARGET: the manifest that tells of the disk's image. Between the renaming of a folded image and that of its
# manifest, which a crash may part, this is the new one already.
manifest_of() {
  local manifest=${DOMAIN[folder]}/$1/manifest.json image
  if [[ -f $manifest.folded ]]; then
    image=$(manifest_field "$manifest" "$2" image)
    [[ $image == /* ]] || image=${DOMAIN[folder]}/$1/$image
    [[ -e $image.folded ]] || manifest+=.folded
  fi
  printf '%s' "$manifest"
}

# Whoever can write a manifest is not to be able to run anything here: what is not of its key's form is nothing, as bash would
# evaluate a sum, and a name is a part of paths.
manifest_field() {
  local line value="" form
  line=$(grep -m 1 -F -- "{\"target\":\"$2\"," "$1" 2>/dev/null) || return 0
  if [[ $line =~ \"$3\":\"(([^\"\\]|\\.)*)\" ]]; then
    value=$(json_text "${BASH_REMATCH[1]}")
  elif [[ $line =~ \"$3\":([a-z0-9]+) && ${BASH_REMATCH[1]} != null ]]; then
    value=${BASH_REMATCH[1]}
  fi
  case $3 in
    size | virtualSize) form='^(0|[1-9][0-9]{0,17})$' ;;
    base) form='^[A-Za-z0-9_-][A-Za-z0-9_.-]*$' ;;
    format) form='^(qcow2|raw)$' ;;
    *) form='' ;;
  esac
  [[ ! $value || $value =~ $form ]] || value=""
  printf '%s' "$value"
}

# disk_targets MANIFEST
disk_targets() { sed -n 's/^ *{"target":"\([A-Za-z0-9_:]*\)",.*/\1/p' "$1"; }

# point_bytes POINT: of all its images; 0 if there is no manifest
point_bytes() {
  local target
  local -i bytes=0
  if has_manifest "$1"; then
    while IFS= read -r target; do bytes+=$(disk_field "$1" "$target" size); done < <(disk_targets "${DOMAIN[folder]}/$1/manifest.json")
  fi
  printf '%d' "$bytes"
}

# Where the restore machinery puts what it receives.
FETCHED=""

# image_path POINT TARGET: absolute
image_path() {
  local image
  image=$(disk_field "$1" "$2" image)
  if [[ $FETCHED ]] && is_streamed "$1"; then
    printf '%s' "$FETCHED/$1/$image"
    return
  fi
  [[ $image == /* ]] || image=${DOMAIN[folder]}/$1/$image
  printf '%s' "$image"
}

# write_manifest: checksums first, the manifest last and whole; from here on the restore point counts
write_manifest() {
  step "write the manifest" || return 0
  local folder=${DOMAIN[folder]}/${POINT[name]} target comma="" checkpoint=false
  if [[ ${RUN[dry]} ]]; then
    printf '  (checksums, then %q)\n' "$folder/manifest.json"
    return
  fi
  for target in "${DISKS[@]}"; do [[ ${BITMAP[$target]} == yes ]] && checkpoint=true; done
  {
    printf '{\n  "formatVersion": "1.0",\n'
    printf '  "policy": %s,\n' "$(json "${PLAN[policy]}")"
    [[ ! ${PLAN[host]} ]] || printf '  "host": %s,\n' "$(json "${PLAN[host]}")"
    printf '  "domain": %s,\n' "$(json "${DOMAIN[name]}")"
    printf '  "uuid": %s,\n' "$(json "${DOMAIN[uuid]}")"
    printf '  "point": %s,\n' "$(json "${POINT[name]}")"
    printf '  "slot": %s,\n' "$(json "${POINT[slot]}")"
    printf '  "level": %s,\n' "$(json "$(run_level)")"
    printf '  "mode": %s,\n' "$(json "${DOMAIN[mode]}")"
    printf '  "checkpoint": %s,\n' "$checkpoint"
    printf '  "disks": [\n'
    for target in "${DISKS[@]}"; do
      printf '%s    %s' "$comma" "$(disk_json "$target")" || return 1
      comma=$',\n'
    done
    printf '\n  ],\n'
    printf '  "plan": %s,\n' "$(json "${PLAN[digest]}")"
    printf '  "finished": %s,\n' "$(json "$(date -u +%Y-%m-%dT%H:%M:%SZ)")"
    printf '  "tools": { %s },\n' "$(tool_versions)"
    [[ ${STREAM[send]} ]] && printf '  "stream": {"receive":%s%s},\n' "$(json "${STREAM[receive]}")" "${STREAM[delete]:+,\"delete\":$(json "${STREAM[delete]}")}"
    [[ ${RUN[deviation]} ]] && printf '  "deviation": %s,\n' "$(json "${RUN[deviation]}")"
    printf '  "domainXml": "domain.xml"\n}\n'
  } >"$folder/manifest.json.part"
  sync "$folder/manifest.json.part"
  fault "seal"
  mv -- "$folder/manifest.json.part" "$folder/manifest.json"
  sync "$folder"
  journal sealed
  RUN[state]=sealed
  fault "sealed"
}

run_level() {
  local target
  for target in "${DISKS[@]}"; do
    [[ ${LEVEL[$target]} == full ]] || {
      printf '%s' "${POINT[level]}"
      return
    }
  done
  printf full
}

disk_json() {
  local target=$1 image=${IMAGE[$1]} base=null bitmap=false sum size virtual
  [[ ${BASE[$target]} ]] && base=$(json "${BASE[$target]}")
  [[ ${BITMAP[$target]} == yes ]] && bitmap=true
  if [[ ${STREAM[send]} ]]; then
    sum=${STREAM_SUM[$target]} size=${STREAM_SIZE[$target]} virtual=$(disk_size "$target")
  else
    sum=$(sha256sum <"$image") size=$(stat -L -c %s -- "$image") virtual=$(virtual_size "$image")
  fi
  printf '{"target":"%s","level":"%s","base":%s,"bitmap":%s,"image":%s,"format":"%s","virtualSize":%s,"size":%s,"sha256":"%s"}' \
    "$target" "${LEVEL[$target]}" "$base" "$bitmap" "$(json "$(relative_image "$target")")" "${FORMAT[$target]}" \
    "$virtual" "$size" "${sum%% *}"
}

# Relative where it can be, so that a repository can be moved.
relative_image() {
  if [[ ${IMAGE_TYPE[$1]} == block ]]; then
    printf '%s' "${IMAGE[$1]}"
  else
    realpath -ms --relative-to="${DOMAIN[folder]}/${POINT[name]}" -- "${IMAGE[$1]}"
  fi
}

tool_versions() {
  "${VIRSH[@]}" version </dev/null |
    sed -n 's/^Using library: libvirt \(.*\)/"libvirt": "\1"/p; s/^Running hypervisor: QEMU \(.*\)/"qemu": "\1"/p' | paste -sd, - | sed 's/,/, /'
}
