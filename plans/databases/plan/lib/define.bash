# The domain that a restore defines on the restored images. Anybody who can write to the repository may have changed the saved XML, so
# the new domain has only what is listed here: the guest's hardware, without anything of the host and without anything that it would
# share with the old domain. A message names everything that is left out, with the option --keep that would keep it.
# Calls: evidence (is_local), host (ask_libvirt disk_source), instant (put_layers), machine (copy_secret machine_files), manifest
#   (point_field), messages (die log need_tools refuse run warning), state (fault), targets (made put), xml (xml_child
#   xml_children xml_read_file xml_write)
# Reads: CONNECTION, DOMAIN, INSTANT, RUN, TARGET_PATH, TARGET_TYPE, WORK, XML_CHILDREN, XML_FAULT, XML_KEYS, XML_NAME, XML_TEXT,
#   XML_VALUE
# Sets: XML_CHILDREN, XML_KEYS, XML_NAME, XML_PARENT, XML_TEXT, XML_VALUE

# The XML of the new domain.
declare NEW_DOMAIN=""
# Element names of --keep, and whether the saved XML has such an element.
declare -A HARDWARE_KEPT=()
# Rules by the element's path below <domain>.
declare -A HARDWARE=()

# hardware: the rules, an element a line, with the attributes that are taken over:
#   *          the element with all that is in it, as nothing in it can name a thing of the host
#   key        the attribute, whatever its value
#   key=a|b    only with these values; with others the element is left out
#   key~a|b    only with these values; with others the attribute is left out
#   !          where this element is left out, so is the one that it is in
hardware() {
  cat <<'RULES'
name *
title *
description *
genid
memory *
currentMemory *
maxMemory *
memoryBacking *
memtune *
blkiotune
blkiotune/weight *
numatune *
vcpu *
vcpus *
iothreads *
iothreadids *
defaultiothread *
throttlegroups *
cputune *
cpu *
features *
clock *
pm *
perf *
on_poweroff *
on_reboot *
on_crash *
on_lockfailure *
sysinfo type=smbios
sysinfo/bios *
sysinfo/system
sysinfo/system/entry name
sysinfo/baseBoard *
sysinfo/chassis *
sysinfo/processor *
sysinfo/memory *
sysinfo/oemStrings *
os firmware
os/type *
os/firmware *
os/boot *
os/bootmenu *
os/bios *
os/smbios *
os/loader readonly type secure stateless format
os/nvram template templateFormat format
os/varstore template
devices
devices/controller type index model ports vectors maxEventChannels maxGrantFrames
devices/controller/driver *
devices/controller/model *
devices/controller/target *
devices/controller/master *
devices/interface type=network|bridge|user trustGuestRxFilters
devices/interface/source network bridge portgroup
devices/interface/model *
devices/interface/driver *
devices/interface/link *
devices/interface/mtu *
devices/interface/bandwidth *
devices/interface/vlan *
devices/interface/virtualport type
devices/interface/filterref *
devices/interface/coalesce *
devices/interface/port *
devices/interface/tune *
devices/interface/teaming *
devices/interface/ip *
devices/interface/rom bar enabled
devices/interface/boot *
devices/interface/acpi *
devices/input type=mouse|tablet|keyboard bus model
devices/input/driver *
devices/graphics type=vnc|spice autoport port~-1 tlsPort~-1 listen~127.0.0.1|localhost|::1 keymap sharePolicy defaultMode
devices/graphics/listen type=address address~127.0.0.1|localhost|::1
devices/graphics/audio *
devices/graphics/channel *
devices/graphics/image *
devices/graphics/jpeg *
devices/graphics/zlib *
devices/graphics/playback *
devices/graphics/streaming *
devices/graphics/clipboard *
devices/graphics/mouse *
devices/graphics/filetransfer *
devices/sound model multichannel streams
devices/sound/codec *
devices/sound/audio *
devices/sound/driver *
devices/audio id type
devices/video
devices/video/driver *
devices/video/model type ram vram vram64 vgamem heads primary blob edid
devices/video/model/resolution *
devices/video/model/acceleration accel2d accel3d
devices/serial type
devices/serial/target *
devices/parallel type
devices/parallel/target *
devices/console type tty
devices/console/target *
devices/channel type
devices/channel/target *
devices/channel/clipboard *
devices/channel/mouse *
devices/redirdev type=spicevmc bus
devices/redirdev/boot *
devices/redirfilter *
devices/smartcard mode=passthrough type=spicevmc
devices/hub *
devices/memballoon *
devices/watchdog *
devices/panic *
devices/iommu *
devices/rng model
devices/rng/rate *
devices/rng/driver *
devices/rng/backend ! model=random|builtin
devices/tpm model
devices/tpm/backend ! type=emulator version persistent_state
devices/tpm/backend/active_pcr_banks *
devices/vsock model
devices/vsock/cid auto
devices/vsock/driver *
devices/crypto model type
devices/crypto/backend ! model=builtin queues
devices/memory model=dimm|virtio-mem access discard
devices/memory/source
devices/memory/source/pagesize *
devices/memory/source/nodemask *
devices/memory/target *
devices/nvram
RULES
}

# What the new domain gets of the machine: its UUID; "yes" in `same` if it is the domain itself; where its NVRAM goes, and the name of
# the copy; the folder or file of its TPM's state, and the name of the copy. `made` is that folder until the domain is defined.
declare -A DEFINE=([uuid]="" [same]="" [nvram]="" [nvram-copy]="" [tpm]="" [tpm-copy]="" [made]="")
# The disks of the domain that the new one lacks.
declare -a WITHOUT=()

# plan_machine POINT FOLDER: decides where NVRAM and TPM go
plan_machine() {
  local file uuid
  uuid=$(point_field "$1" uuid)
  if [[ ! ${DEFINE[same]} ]]; then read -r uuid </proc/sys/kernel/random/uuid; fi
  DEFINE[uuid]=$uuid
  while IFS= read -r file; do
    case $file in
      nvram.*) DEFINE[nvram]=$2/$file DEFINE[nvram-copy]=$file ;;
      tpm.state) DEFINE[tpm]=$2/$file DEFINE[tpm-copy]=$file ;;
      tpm2-*) DEFINE[tpm]=$SWTPM_FOLDER/$uuid/tpm2 DEFINE[tpm-copy]=$file ;;
      tpm-*) DEFINE[tpm]=$SWTPM_FOLDER/$uuid/tpm1.2 DEFINE[tpm-copy]=$file ;;
    esac
  done < <(machine_files "$1")
  [[ ! ${DEFINE[nvram]}${DEFINE[tpm]} ]] || { is_local && [[ $CONNECTION == *:///system ]]; } || {
    warning "the NVRAM and the state of the TPM are not restored: libvirt is not the system's on this host"
    DEFINE[nvram]="" DEFINE[tpm]=""
  }
}

# refuse_known NAME: refuses to define a domain that libvirt has
refuse_known() {
  local name=$1 names uuid=${DEFINE[uuid]}
  need_tools virsh
  names=$(ask_libvirt list --all --name) || refuse "libvirt does not answer"
  [[ $'\n'$names$'\n' != *$'\n'"$name"$'\n'* ]] || refuse "there is a domain $name already"
  [[ ! ${DEFINE[same]} ]] || ! ask_libvirt domname --domain "$uuid" >/dev/null 2>&1 ||
    refuse "this host has the domain $uuid already, under another name; --same-identity is for a host that does not"
}

# new_domain POINT NAME FORMAT "ELEMENT,…" TARGET…: sets NEW_DOMAIN to the XML, and prints what is left out
new_domain() {
  local name=$2 line word saved=${DOMAIN[folder]}/$1/domain.xml
  while read -r word line; do HARDWARE[$word]=$line; done < <(hardware)
  for word in ${4//,/ }; do
    [[ ! $word =~ ^(domain|devices|os|name|uuid|mac)$ ]] || refuse "--keep $word: name what in it is to be kept"
    HARDWARE_KEPT[$word]=no
  done
  [[ ! -L $saved ]] && xml_read_file "$saved" || refuse "the saved XML $saved cannot be used: ${XML_FAULT:-it is a link}"
  [[ ${XML_NAME[0]} == domain && ${XML_VALUE["0 type"]:-} =~ ^(kvm|qemu)$ ]] || refuse "$saved is not the XML of a domain of QEMU"
  take_over_root "$name"
  restored_disks "$1" "$3" "${@:5}"
  take_over_machine
  NEW_DOMAIN=$(xml_write 0)
  for word in "${!HARDWARE_KEPT[@]}"; do
    [[ ${HARDWARE_KEPT[$word]} != no ]] || warning "--keep $word: the saved XML has no such element"
  done
}

# define_domain POINT NAME: puts NVRAM and TPM where libvirt looks for them, and lets it define the XML of new_domain
define_domain() {
  local xml target started="; it is not started"
  xml=$(mktemp)
  if [[ ! ${RUN[dry]} ]]; then put_machine "$1"; fi
  printf '%s\n' "$NEW_DOMAIN" >"$xml"
  run ask_libvirt define --file "$xml" >/dev/null || die "the domain could not be defined from $xml"
  DEFINE[made]=""
  fault "defined"
  rm -f -- "$xml"
  [[ ! ${DEFINE[same]} ]] || started+=". Start it only if it runs on no other host"
  [[ ! ${INSTANT[on]} ]] || started=""
  if [[ ${DEFINE[same]} ]]; then log "defined $2 as it was$started"; else log "defined $2, with a UUID and MAC addresses of its own$started"; fi
  for target in "${WITHOUT[@]}"; do warning "$2 LACKS the disk $target, which the restore point does not hold, or which was not asked for"; done
}

# put_machine POINT: makes folders and files as libvirt 9.0 does, which gives them to the users of QEMU and swtpm at each start
put_machine() {
  local folder=${DOMAIN[folder]}/$1
  if [[ ${DEFINE[nvram]} ]]; then
    copy_secret "$folder/${DEFINE[nvram-copy]}" "$WORK/${DEFINE[nvram-copy]}" || die "the NVRAM could not be restored"
    put "$WORK/${DEFINE[nvram-copy]}" "${DEFINE[nvram]}"
  fi
  if [[ ${DEFINE[tpm-copy]} == tpm.state ]]; then
    copy_secret "$folder/tpm.state" "$WORK/tpm.state" || die "the state of the TPM could not be restored"
    put "$WORK/tpm.state" "${DEFINE[tpm]}"
  elif [[ ${DEFINE[tpm]} ]]; then
    mkdir -p -m 0711 -- "$SWTPM_FOLDER" && mkdir -m 0711 -- "${DEFINE[tpm]%/*}" || die "the state of the TPM could not be restored to ${DEFINE[tpm]}"
    DEFINE[made]=${DEFINE[tpm]%/*}
    made "$(stat -c %i -- "${DEFINE[made]}")" "${DEFINE[made]}"
    mkdir -m 0700 -- "${DEFINE[tpm]}" && copy_secret "$folder/${DEFINE[tpm-copy]}" "${DEFINE[tpm]}/${DEFINE[tpm-copy]}" ||
      die "the state of the TPM could not be restored to ${DEFINE[tpm]}"
  fi
  printf '%s\n' "${DEFINE[uuid]}" >"$WORK/domain"
  sync "$WORK/domain"
  fault "machine"
}

# undo_machine: removes the state of a TPM whose domain was not defined
undo_machine() { [[ ! ${DEFINE[made]} ]] || rm -rf -- "${DEFINE[made]}"; }

# take_over_machine: the paths of NVRAM and TPM
take_over_machine() {
  local os devices tpm element=nvram
  local -i source
  if [[ ${DEFINE[nvram]} ]]; then
    xml_child 0 os
    os=$REPLY
    [[ ${DEFINE[nvram]} != *.json ]] || element=varstore
    xml_child "$os" "$element" || { REPLY=${#XML_NAME[@]} && xml_add "$os" "$element"; }
    if [[ $element == varstore ]]; then xml_set "$REPLY" path "${DEFINE[nvram]}"; else XML_TEXT[REPLY]=${DEFINE[nvram]}; fi
    [[ ${DEFINE[nvram]} != *.qcow2 ]] || xml_set "$REPLY" format qcow2
  fi
  xml_child 0 devices
  devices=$REPLY
  for tpm in $(xml_children "$devices" tpm); do
    xml_child "$tpm" backend && [[ ${XML_VALUE["$REPLY type"]:-} == emulator ]] || continue
    tpm=$REPLY
    [[ ${DEFINE[tpm]} ]] || warning "the TPM of the new domain is empty, because the restore point does not hold its state: what the guest has sealed with it stays locked, unless there is another key"
    [[ ${DEFINE[tpm-copy]} == tpm.state ]] || continue
    source=${#XML_NAME[@]}
    xml_add "$tpm" source
    xml_set "$source" type file
    xml_set "$source" path "${DEFINE[tpm]}"
  done
}

# take_over_root NAME: takes over everything but the disks
take_over_root() {
  local child key keys="type"
  local -a kept=()
  for key in ${XML_KEYS[0]}; do
    # Only elements of --keep can need a namespace.
    if [[ $key == xmlns:* && ${#HARDWARE_KEPT[@]} -gt 0 ]]; then keys+=" $key"; fi
  done
  XML_KEYS[0]=$keys
  for key in name os devices; do
    mapfile -t kept < <(xml_children 0 "$key")
    ((${#kept[@]} == 1)) || refuse "the saved XML has ${#kept[@]} elements <$key>, not one"
  done
  kept=()
  xml_child 0 name
  XML_TEXT[REPLY]=$1 XML_CHILDREN[REPLY]=""
  for child in ${XML_CHILDREN[0]}; do
    if [[ ${XML_NAME[child]} == uuid ]]; then
      [[ ! ${DEFINE[uuid]} ]] || { XML_TEXT[child]=${DEFINE[uuid]} XML_CHILDREN[child]="" && kept+=("$child"); }
      continue
    fi
    if take_over "$child" "${XML_NAME[child]}"; then kept+=("$child"); fi
  done
  XML_CHILDREN[0]=${kept[*]}
}

# take_over N PATH: removes from the element what the rules do not allow; status 1 if the element itself is to be removed
take_over() {
  local number=$1 path=$2 rule child token key values
  local -a kept=() gone=()
  ! is_kept "$number" || return 0
  case $path in
    devices/disk) return 0 ;;
    devices/emulator) takes_default_emulator "$number" && return 1 ;;
    devices/serial | devices/parallel | devices/console | devices/channel | devices/audio) disconnect "$number" "$path" ;;
    os/loader | os/nvram | os/varstore) take_over_firmware "$number" "$path" || return 1 ;;
    devices/vsock/cid) xml_set "$number" auto yes ;;
    # Also the domain itself has gone back in time, and its guest is to notice that.
    genid) XML_TEXT[number]="" ;;
    sysinfo/system/entry) [[ ${XML_VALUE["$number name"]:-} != uuid || ${DEFINE[same]} ]] || return 1 ;;
    devices/rng/backend)
      [[ ${XML_VALUE["$number model"]:-} != random || ${XML_TEXT[number]} =~ ^$|^/dev/(u?random|hwrng)$ ]] || {
        left_out "$number" "$path"
        return 1
      }
      ;;
  esac
  if [[ $path == */address || $path == */alias ]]; then rule="*"; else rule=${HARDWARE[$path]-none}; fi
  case $rule in
    "*") return 0 ;;
    none)
      left_out "$number" "$path"
      return 1
      ;;
  esac
  for token in $rule; do
    key=${token%%[=~]*} values=${token#"$key"}
    [[ -v XML_VALUE["$number $key"] && $values ]] || continue
    [[ "|${values:1}|" != *"|${XML_VALUE["$number $key"]}|"* ]] || continue
    if [[ $values == =* ]]; then
      left_out "$number" "$path"
      return 1
    fi
    rule=${rule//"$token"/}
  done
  for key in ${XML_KEYS[number]}; do
    if [[ " $rule " == *[" "]"$key"[" =~"]* ]]; then kept+=("$key"); else gone+=("$key='${XML_VALUE["$number $key"]}'"); fi
  done
  ((${#gone[@]} == 0)) || left_out "$number" "$path" "${gone[*]}"
  XML_KEYS[number]=${kept[*]}
  [[ $path != devices/graphics ]] || xml_set "$number" autoport yes
  kept=()
  for child in ${XML_CHILDREN[number]}; do
    # libvirt makes a new MAC address, as it makes a new UUID.
    if [[ $path/${XML_NAME[child]} == devices/interface/mac ]]; then
      [[ ! ${DEFINE[same]} ]] || kept+=("$child")
      continue
    fi
    if take_over "$child" "$path/${XML_NAME[child]}"; then
      kept+=("$child")
    elif [[ " ${HARDWARE["$path/${XML_NAME[child]}"]:-} " == *" ! "* ]]; then
      return 1
    fi
  done
  XML_CHILDREN[number]=${kept[*]}
}

# is_kept N: whether --keep has the name of the element, with or without its prefix
is_kept() {
  local name=${XML_NAME[$1]}
  [[ ${HARDWARE_KEPT[$name]:-} ]] || name=${name#*:}
  [[ ${HARDWARE_KEPT[$name]:-} ]] || return 1
  HARDWARE_KEPT[$name]=yes
}

# left_out N PATH [ATTRIBUTES]: warns that the element, or some of its attributes, is left out
left_out() {
  local what="<$2>" key child
  if [[ ${3:-} ]]; then
    what="of <$2> $3"
  else
    for key in ${XML_KEYS[$1]}; do what+=" $key='${XML_VALUE["$1 $key"]}'"; done
    for child in ${XML_CHILDREN[$1]}; do
      [[ ${XML_NAME[child]} =~ ^(source|target|log|backend)$ ]] || continue
      for key in ${XML_KEYS[child]}; do what+=" ${XML_NAME[child]} $key='${XML_VALUE["$child $key"]}'"; done
    done
    what+=" ${XML_TEXT[$1]//[$' \t\n']/ }"
    what=${what%"${what##*[! ]}"}
  fi
  what=${what//[^[:print:]]/?}
  warning "left out: ${what:0:200} (--keep ${XML_NAME[$1]} would keep it)"
}

# takes_default_emulator N: whether libvirt would choose this emulator anyway, so that no warning is needed
takes_default_emulator() { [[ ${XML_TEXT[$1]} =~ ^/usr/(bin|libexec)/(qemu-system-[a-z0-9_]+|qemu-kvm|kvm)$ ]]; }

# take_over_firmware N PATH: keeps firmware that is a read-only file of the distribution. The variables (NVRAM; since libvirt 12.1 also
# varstore) are made anew from their template: with the file of the old domain, the new one would write to it, and libvirt would
# delete it with the new domain.
take_over_firmware() {
  local template
  if [[ $2 == os/loader ]]; then
    [[ ${XML_TEXT[$1]} =~ ^/usr/share/[A-Za-z0-9_./-]+$ && ${XML_TEXT[$1]} != *..* ]] &&
      [[ ${XML_VALUE["$1 readonly"]:-} == yes || ${XML_VALUE["$1 type"]:-} == rom ]] && return
  else
    template=${XML_VALUE["$1 template"]:-}
    [[ ! ${XML_TEXT[$1]}${XML_CHILDREN[$1]}${XML_VALUE["$1 path"]:-} || ${DEFINE[nvram]} ]] || left_out "$1" "$2"
    XML_TEXT[$1]="" XML_CHILDREN[$1]=""
    xml_unset "$1" type
    xml_unset "$1" path
    # The restored file has a path of its own, and a format.
    [[ ! ${DEFINE[nvram]} ]] || xml_unset "$1" format
    [[ $template ]] || {
      [[ ${DEFINE[nvram]} ]]
      return
    }
    [[ $template =~ ^/usr/share/[A-Za-z0-9_./-]+$ && $template != *..* ]] && return
  fi
  left_out "$1" "$2"
  return 1
}

# disconnect N PATH: keeps a port, but connects it to a new terminal instead of a file, socket or device of the host
disconnect() {
  local type=${XML_VALUE["$1 type"]:-} to=pty kept="pty unix spicevmc qemu-vdagent null" keys=${XML_KEYS[$1]}
  if [[ $2 == devices/audio ]]; then
    to=none kept="none spice" keys="id type"
  elif [[ $2 != devices/channel ]]; then
    kept="pty null spicevmc"
  fi
  [[ " $kept " != *" $type "* ]] || return 0
  left_out "$1" "$2"
  XML_KEYS[$1]=$keys
  xml_set "$1" type "$to"
  # The message names the children already.
  local child left=""
  for child in ${XML_CHILDREN[$1]}; do
    [[ ! ${XML_NAME[child]} =~ ^(source|protocol|log|input|output)$ ]] || continue
    left+=${left:+ }$child
  done
  XML_CHILDREN[$1]=$left
}

# restored_disks POINT FORMAT TARGET…: each on its image; of the others, drives stay, empty
restored_disks() {
  local point=$1 format=$2 disk devices target device
  local -a disks=() kept=()
  local -A seen=()
  xml_child 0 devices
  devices=$REPLY
  for disk in ${XML_CHILDREN[devices]}; do
    if [[ ${XML_NAME[disk]} != disk ]]; then
      kept+=("$disk")
      continue
    fi
    mapfile -t disks < <(xml_children "$disk" target)
    ((${#disks[@]} == 1)) || refuse "the saved XML has a disk without a target"
    target=${XML_VALUE["${disks[0]} dev"]:-}
    [[ $target && ! ${seen[$target]:-} ]] || refuse "the saved XML has the disk ${target:-of no name} twice"
    seen[$target]=yes
    device=${XML_VALUE["$disk device"]:-disk}
    if [[ " ${*:3} " == *" $target "* ]]; then
      put_disk_on "$disk" "$target" "$format" "$point"
    elif [[ ${HARDWARE_KEPT[$device]:-} ]]; then
      HARDWARE_KEPT[$device]=yes
    elif [[ $device == cdrom || $device == floppy ]]; then
      empty_drive "$disk" "$device"
    else
      WITHOUT+=("$target $(describe_source "$disk")")
      warning "left out: the disk $target $(describe_source "$disk"): it was not restored (--keep disk would keep it, on what the old domain has)"
      continue
    fi
    kept+=("$disk")
  done
  for target in "${@:3}"; do
    [[ ${seen[$target]:-} ]] || refuse "the saved XML has no disk $target"
  done
  XML_CHILDREN[devices]=${kept[*]}
}

# put_disk_on N TARGET FORMAT POINT: all that is not about where the old one was stays
put_disk_on() {
  local number=${#XML_NAME[@]} driver
  own_parts "$1" "$3"
  xml_set "$1" type "${TARGET_TYPE[$2]:-file}"
  xml_set "$1" device disk
  if xml_child "$1" driver; then
    driver=$REPLY
  else
    driver=$((number++))
    xml_add "$1" driver
  fi
  xml_set "$driver" name qemu
  xml_set "$driver" type "$3"
  xml_add "$1" source
  if [[ ${TARGET_TYPE[$2]:-file} == block ]]; then xml_set "$number" dev "${TARGET_PATH[$2]}"; else xml_set "$number" file "${TARGET_PATH[$2]}"; fi
  [[ ! ${INSTANT[on]} ]] || put_layers "$1" "$4" "$2"
}

empty_drive() {
  if xml_child "$1" source; then
    warning "left out: the medium $(describe_source "$1") (--keep $2 would keep it)"
  fi
  own_parts "$1" raw
  xml_set "$1" type file
}

# own_parts N FORMAT: what of a disk's element does not come from its source
own_parts() {
  local child key keys="" children="" driver
  for key in ${XML_KEYS[$1]}; do
    if [[ $key =~ ^(type|device|model|snapshot)$ ]]; then keys+=${keys:+ }$key; else left_out "$1" devices/disk "$key='${XML_VALUE["$1 $key"]}'"; fi
  done
  XML_KEYS[$1]=$keys
  for child in ${XML_CHILDREN[$1]}; do
    case ${XML_NAME[child]} in
      source | backingStore | mirror | auth | encryption) continue ;;
      driver)
        # What only qcow2 has.
        [[ $2 == qcow2 ]] || {
          xml_unset "$child" discard_no_unref
          driver=""
          for key in ${XML_CHILDREN[child]}; do [[ ${XML_NAME[key]} == metadata_cache ]] || driver+=${driver:+ }$key; done
          XML_CHILDREN[child]=$driver
        }
        ;;
      target | iotune | throttlefilters | blockio | boot | address | alias | serial | wwn | vendor | product | geometry | acpi | readonly | transient) ;;
      *)
        is_kept "$child" || {
          left_out "$child" "devices/disk/${XML_NAME[child]}"
          continue
        }
        ;;
    esac
    children+=${children:+ }$child
  done
  XML_CHILDREN[$1]=$children
}

describe_source() {
  local source
  xml_child "$1" source || return 0
  source=$(disk_source "${XML_VALUE["$1 type"]:-file}" "$REPLY")
  printf '%s' "${source//[^[:print:]]/?}"
}

# xml_set N KEY VALUE, xml_unset N KEY, xml_add N NAME
xml_set() {
  [[ " ${XML_KEYS[$1]} " == *" $2 "* ]] || XML_KEYS[$1]+=${XML_KEYS[$1]:+ }$2
  XML_VALUE["$1 $2"]=$3
}

xml_unset() {
  local key keys=""
  for key in ${XML_KEYS[$1]}; do [[ $key == "$2" ]] || keys+=${keys:+ }$key; done
  XML_KEYS[$1]=$keys
}

xml_add() {
  local -i number=${#XML_NAME[@]}
  XML_NAME[number]=$2 XML_PARENT[number]=$1 XML_CHILDREN[number]="" XML_TEXT[number]="" XML_KEYS[number]=""
  XML_CHILDREN[$1]+=${XML_CHILDREN[$1]:+ }$number
}

loaded define
