import { escapeXml } from "../../../src/libvirt/write.js";
import type { Machine } from "./machine.js";

/** `virsh dumpxml`, as far as anything here reads it; a running domain's has what libvirt adds while it runs. */
export function domainXml({ name, uuid, disks, running }: Machine, inactive: boolean): string {
  const live = running !== undefined && !inactive;
  const shown = disks
    .map(
      ({ target, format, source }, index) => `    <disk type='file' device='disk'>
      <driver name='qemu' type='${format}'/>
      <source file='${escapeXml(source)}'${live ? ` index='${index + 1}'` : ""}/>
${live ? "      <backingStore/>\n" : ""}      <target dev='${target}' bus='virtio'/>
${live ? `      <alias name='virtio-disk${index}'/>\n` : ""}      <address type='pci' domain='0x0000' bus='0x0${index + 2}' slot='0x00' function='0x0'/>
    </disk>
`,
    )
    .join("");
  return `<domain type='qemu'${live ? ` id='${running.id}'` : ""}>
  <name>${escapeXml(name)}</name>
  <uuid>${uuid}</uuid>
  <memory unit='KiB'>65536</memory>
  <currentMemory unit='KiB'>65536</currentMemory>
  <vcpu placement='static'>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <boot dev='hd'/>
  </os>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
${shown}    <memballoon model='none'/>
  </devices>
</domain>
`;
}
