# What of a machine is not on its disks: the variables of its firmware (NVRAM), the state of its emulated TPM, and the XML of the
# domain that ran. A run copies each into a file of the restore point. The first two are secrets: they open what the guest has locked.
# Calls: chain (block_node check_file), checksum (checksum), evidence (is_local), files (claim_anew), json (json_read), manifest
#   (read_manifest), messages (die note warning), offline (written_last), run (step), state (fault), xml (xml_child xml_children
#   xml_read)
# Reads: DOMAIN, JSON, LIVE_XML, MANIFEST, POINT, RUN, XML_FAULT, XML_TEXT, XML_VALUE
# Sets: IMAGE_FAULT, RUN, VALUE

# The names of the files that the run has made, and what it could not copy, as the end of a sentence.
declare -a MACHINE=()
declare MACHINE_LACKS=""
# Where libvirt of the system keeps what its domains do not name (qemu.conf of libvirt 9.0, and seen on it).
readonly NVRAM_FOLDER=/var/lib/libvirt/qemu/nvram SWTPM_FOLDER=/var/lib/libvirt/swtpm

# take_machine: the step between the beginning of the job, which fixes the content of the disks, and the thaw
take_machine() {
  step "copy what is not on the disks" || return 0
  if [[ ${RUN[dry]} ]]; then
    printf '  (copy the NVRAM, the state of the TPM, and the XML of the running domain)\n'
    return
  fi
  copy_machine yes
  fault "machine"
}

# copy_machine RUNS: makes the files. What cannot be copied does not stop the run, and is told.
copy_machine() {
  local folder=${DOMAIN[folder]}/${POINT[name]}
  MACHINE=() MACHINE_LACKS=""
  xml_read "$LIVE_XML" || die "the XML of ${DOMAIN[name]} cannot be read: $XML_FAULT"
  copy_nvram "$folder" "$1"
  copy_tpm "$folder" "$1"
  if [[ $1 ]]; then
    claim_anew "$folder/active.xml" || die "$folder/active.xml cannot be written"
    printf '%s\n' "$LIVE_XML" >"$folder/active.xml"
    MACHINE+=(active.xml)
  fi
  [[ $MACHINE_LACKS ]] || return 0
  warning "this restore point does not hold the whole machine: $MACHINE_LACKS"
  RUN[deviation]+="${RUN[deviation]:+; }without $MACHINE_LACKS"
}

machine_lacks() { MACHINE_LACKS+="${MACHINE_LACKS:+; }$1"; }

# find_nvram: sets NVRAM from the XML that was read last: path and format, or why it cannot be copied; status 1 if there is none
declare -A NVRAM=([path]="" [format]="" [why]="")
find_nvram() {
  local os nvram
  NVRAM=([path]="" [format]=raw [why]="")
  xml_child 0 os || return 1
  os=$REPLY
  if xml_child "$os" varstore; then
    NVRAM[path]=${XML_VALUE["$REPLY path"]:-} NVRAM[format]=json
  elif xml_child "$os" nvram; then
    nvram=$REPLY
    NVRAM[path]=${XML_TEXT[nvram]//[$'\t\n']/} NVRAM[format]=${XML_VALUE["$nvram format"]:-raw}
    if xml_child "$nvram" source; then
      NVRAM[path]=${XML_VALUE["$REPLY file"]:-}
      [[ ${NVRAM[path]} ]] || NVRAM[why]="it is not in a file"
    fi
  fi
  [[ ${NVRAM[path]} || ${NVRAM[why]} || ${XML_VALUE["$os firmware"]:-} == efi ]]
}

copy_nvram() {
  local format path
  find_nvram || return 0
  path=${NVRAM[path]} format=${NVRAM[format]}
  if [[ ! $path && ! ${NVRAM[why]} ]]; then
    # The XML of a stopped domain with firmware that libvirt chooses does not name the file. It is made at the first start.
    [[ ! $2 ]] || return 0
    path=$NVRAM_FOLDER/${DOMAIN[name]}_VARS.fd
    [[ -e $path ]] || path=$NVRAM_FOLDER/${DOMAIN[name]}_VARS.qcow2 format=qcow2
    [[ -e $path ]] || return 0
  fi
  if [[ ${NVRAM[why]} ]]; then
    machine_lacks "the NVRAM (${NVRAM[why]})"
  elif ! is_local; then
    machine_lacks "the NVRAM (libvirt is on another host)"
  elif [[ ! -e $path && ! $2 ]]; then
    note "the NVRAM $path is not there yet: libvirt makes it when the domain starts"
  elif [[ ! $format =~ ^(raw|qcow2|json)$ ]]; then
    machine_lacks "the NVRAM (its format is $format)"
  elif ! copy_settled "$path" "$1/nvram.$format"; then
    machine_lacks "the NVRAM ($path could not be read, or was written all the time)"
  elif [[ $format == qcow2 && $2 ]] && ! is_allocated "$1/nvram.qcow2"; then
    rm -f -- "$1/nvram.qcow2"
    machine_lacks "the NVRAM ($path has clusters that are not allocated, so QEMU may hold tables of it that are not in the file)"
  else
    MACHINE+=("nvram.$format")
  fi
}

# find_tpm: sets TPM from the XML that was read last: the file or folder of the state; status 1 if the domain has no emulated TPM
declare -A TPM=([path]="" [type]="")
find_tpm() {
  local devices tpm backend
  xml_child 0 devices || return 1
  devices=$REPLY
  for tpm in $(xml_children "$devices" tpm); do
    xml_child "$tpm" backend && [[ ${XML_VALUE["$REPLY type"]:-} == emulator ]] || continue
    backend=$REPLY
    TPM=([type]=dir [path]="")
    if xml_child "$backend" source; then
      TPM=([type]=${XML_VALUE["$REPLY type"]:-dir} [path]=${XML_VALUE["$REPLY path"]:-})
    elif [[ ${XML_VALUE["$backend version"]:-} == 1.2 ]]; then
      TPM[path]=$SWTPM_FOLDER/${DOMAIN[uuid]}/tpm1.2
    else
      TPM[path]=$SWTPM_FOLDER/${DOMAIN[uuid]}/tpm2
    fi
    return 0
  done
  return 1
}

copy_tpm() {
  local file
  find_tpm || return 0
  if ! is_local; then
    machine_lacks "the TPM's state (libvirt is on another host)"
    return
  fi
  if [[ ${TPM[type]} == file ]]; then
    if [[ ! -e ${TPM[path]} && ! $2 ]]; then
      :
    elif copy_settled "${TPM[path]}" "$1/tpm.state"; then
      MACHINE+=(tpm.state)
      return
    fi
  else
    # swtpm writes each state to another file and renames it, so what is read through one open file is a whole one (strace of 0.7.1).
    for file in tpm2-00.permall tpm-00.permall; do
      [[ -e ${TPM[path]}/$file ]] || continue
      copy_secret "${TPM[path]}/$file" "$1/$file" || break
      MACHINE+=("$file")
      return
    done
  fi
  # libvirt makes the state at the first start.
  if [[ $2 || -e ${TPM[path]} ]]; then machine_lacks "the TPM's state (${TPM[path]} could not be read, or was written all the time)"; fi
}

# copy_secret FILE COPY: only the owner reads the copy, from its first byte on; status 1 if it could not be read, or is empty
copy_secret() {
  claim_anew "$2" && chmod 0600 -- "$2" && cat -- "$1" >"$2" && [[ -s $2 ]] && return
  rm -f -- "$2"
  return 1
}

# copy_settled FILE COPY: copies a file that its writer changes in place. Nothing was written to it for half a second before the copy,
# nor while it was copied, by the times of the file; so the copy is the file as it was at one moment, between two writes. Such a wait
# has an end, because the guest may be frozen.
copy_settled() {
  local before
  local -i now written until=$((SECONDS + 5))
  while :; do
    before=$(written_last "$1") || return 1
    read -r _ _ _ written _ <<<"${before//./}"
    now=$(date +%s%N)
    # A time in the future is of a clock that was set back.
    if ((now - written > 500000000 || written > now)) && copy_secret "$1" "$2" && [[ $(written_last "$1") == "$before" ]]; then return 0; fi
    ((SECONDS < until)) || break
    sleep 0.2
  done
  rm -f -- "$2"
  return 1
}

# is_allocated IMAGE: whether each cluster of a qcow2 image has data of its own, so that writes to it change no table. QEMU keeps tables
# in memory, and the file of a running guest may lack them.
is_allocated() {
  local map
  local -i index
  map=$(qemu-img map -U --output=json -- "json:$(block_node qcow2 "$1")") && json_read "{\"map\":$map}" || return 1
  for ((index = 0; index < JSON[map]; index++)); do
    [[ ${JSON[map.$index.data]} == true ]] || return 1
  done
}

# machine_file POINT FILE: whether the restore point holds the file; sets VALUE to its number in the manifest
machine_file() {
  local -i index
  read_manifest "$1" || return 1
  for ((index = 0; index < ${MANIFEST["$1 machine"]:-0}; index++)); do
    [[ ${MANIFEST["$1 machine.$index.file"]} != "$2" ]] || { VALUE=$index && return 0; }
  done
  return 1
}

# machine_files POINT: prints the names of these files
machine_files() {
  local -i index
  read_manifest "$1" || return 0
  for ((index = 0; index < ${MANIFEST["$1 machine"]:-0}; index++)); do printf '%s\n' "${MANIFEST["$1 machine.$index.file"]}"; done
}

# check_machine POINT: whether each of these files is as the manifest says; status 1 with IMAGE_FAULT
check_machine() {
  local file path sum
  local -i index
  for ((index = 0; index < ${MANIFEST["$1 machine"]:-0}; index++)); do
    file=${MANIFEST["$1 machine.$index.file"]}
    path=${DOMAIN[folder]}/$1/$file
    check_file "$path" || return 1
    sum=$(checksum <"$path") && [[ $sum == "${MANIFEST["$1 machine.$index.sha256"]}" ]] || {
      IMAGE_FAULT="$path is not what was backed up: its checksum differs from the manifest's"
      return 1
    }
  done
}

loaded machine
