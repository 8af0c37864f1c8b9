import { childOf, childrenOf, textOf, type XmlElement } from "./xml.js";

/** A part of a domain that no backup can hold. */
export interface OutsidePart {
  /** As a person would name it: `host device pci 0000:3b:00.0`. */
  readonly part: string;
  readonly why: string;
}

/** Firmware of the distribution, which every host of the kind has. */
const OF_THE_DISTRIBUTION = /^\/usr\/share\//;

/**
 * What of a domain is neither on its disks, nor in its XML, nor in what a run copies (`lib/machine.bash`); in the order of the
 * document (libvirt's formatdomain).
 */
export function outsideOf(root: XmlElement): OutsidePart[] {
  const devices = childOf(root, "devices");
  return [
    ...outsideOfBoot(childOf(root, "os")),
    ...(devices?.children ?? []).flatMap((device) => OF_DEVICES[device.name]?.(device) ?? []),
  ];
}

function outsideOfBoot(os: XmlElement | undefined): OutsidePart[] {
  if (os === undefined) return [];
  const files = ["kernel", "initrd", "dtb"].flatMap((name): OutsidePart | [] => {
    const file = textOf(os, name)?.trim();
    return file ? { part: `${name} ${file}`, why: "a file of the host, which QEMU reads at each start" } : [];
  });
  const loader = childOf(os, "loader");
  const firmware = loader?.text.trim() ?? "";
  const nvram = childOf(os, "nvram");
  const source = nvram && childOf(nvram, "source");
  return [
    ...(firmware === "" || OF_THE_DISTRIBUTION.test(firmware)
      ? []
      : [{ part: `firmware ${firmware}`, why: "a file of the host, not of the distribution" }]),
    ...(loader?.attributes.get("type") === "pflash" && loader.attributes.get("readonly") === "no"
      ? [{ part: `variables in ${firmware}`, why: "they are in the same file as the firmware" }]
      : []),
    ...(source !== undefined && !source.attributes.has("file")
      ? [{ part: "NVRAM", why: "it is not in a file of the host" }]
      : []),
    ...files,
  ];
}

const OF_DEVICES: Readonly<Record<string, (device: XmlElement) => OutsidePart[]>> = {
  tpm: (tpm) =>
    childrenOf(tpm, "backend").flatMap((backend) => {
      switch (backend.attributes.get("type")) {
        case "passthrough":
          return [{ part: "TPM", why: "it is a chip of the host, and its keys cannot be copied" }];
        case "emulator":
          return childOf(backend, "encryption") === undefined
            ? []
            : [
                {
                  part: "secret of the TPM's state",
                  why: "libvirt keeps it, and without it the copied state cannot be used",
                },
              ];
        default:
          return [{ part: "TPM", why: "its state is not libvirt's" }];
      }
    }),
  hostdev: (device) => [{ part: `host device ${addressOf(device)}`.trimEnd(), why: "a device of the host" }],
  interface: (card) =>
    card.attributes.get("type") === "hostdev"
      ? [{ part: `network card ${macOf(card)}`.trimEnd(), why: "a device of the host" }]
      : [],
  filesystem: (folder) => [
    {
      part: `shared folder ${attribute(folder, "source", "dir") ?? targetDirectory(folder)}`,
      why: "a folder of the host",
    },
  ],
  shmem: (memory) => [
    { part: `shared memory ${memory.attributes.get("name") ?? ""}`.trimEnd(), why: "memory of the host" },
  ],
  memory: (memory) => {
    const path = textOf(childOf(memory, "source") ?? memory, "path");
    return path === undefined
      ? []
      : [{ part: `persistent memory ${path}`, why: "libvirt backs up no memory devices" }];
  },
};

function attribute(element: XmlElement, child: string, name: string): string | undefined {
  return childOf(element, child)?.attributes.get(name);
}

function targetDirectory(folder: XmlElement): string {
  return attribute(folder, "target", "dir") ?? "";
}

function macOf(card: XmlElement): string {
  return attribute(card, "mac", "address") ?? "";
}

/** The kind, and the address as tools of the host print it. */
function addressOf(device: XmlElement): string {
  const kind = device.attributes.get("type") ?? device.attributes.get("mode") ?? "";
  const source = childOf(device, "source");
  const get = (name: string) => (source && childOf(source, "address"))?.attributes.get(name) ?? "";
  const hex = (name: string, digits: number) => get(name).replace(/^0x/, "").padStart(digits, "0");
  if (kind === "pci")
    return `pci ${hex("domain", 4)}:${hex("bus", 2)}:${hex("slot", 2)}.${hex("function", 1)}`;
  const usb = ["vendor", "product"].flatMap(
    (name) => (source && childOf(source, name))?.attributes.get("id")?.replace(/^0x/, "") ?? [],
  );
  if (usb.length === 2) return `${kind} ${usb.join(":")}`;
  return `${kind} ${get("uuid") || ["bus", "device"].map(get).filter(Boolean).join(".")}`.trimEnd();
}
