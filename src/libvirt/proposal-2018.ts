import type { Diagnostic, Severity } from "../diagnostics/diagnostic.js";
import { diskOf } from "./align.js";
import type { Domain } from "./domain.js";
import type { XmlElement } from "./xml.js";

type Say = (severity: Severity, message: string, hint: string, element: XmlElement) => void;

/**
 * A document of the proposal of 2018 in today's form, as far as it has one; each difference is a finding (TM408). Documents
 * of today come back as they are.
 * @param domain tells the targets of disks that a backup names by their source
 */
export function fromProposal(
  root: XmlElement,
  domain: Domain | undefined,
): { root: XmlElement; diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const say: Say = (severity, message, hint, { location }) =>
    diagnostics.push({ code: "TM408", severity, message, hint, location });
  if (root.name === "domainbackup") {
    const disk = (element: XmlElement) => backupDisk(element, domain, say);
    return { root: eachDisk(withoutId(root, say), disk), diagnostics };
  }
  if (root.name !== "domaincheckpoint") return { root, diagnostics };
  if (root.children.length === 0) {
    say(
      "info",
      "libvirt chooses the name of the checkpoint, which is the time, and its disks, which are all writable ones",
      "name the checkpoint and its disks; --name and --domain add them",
      root,
    );
  }
  return { root: eachDisk(root, (element) => checkpointDisk(element, say)), diagnostics };
}

function eachDisk(root: XmlElement, disk: (element: XmlElement) => XmlElement): XmlElement {
  const children = root.children.map((child) =>
    child.name === "disks"
      ? { ...child, children: child.children.map((each) => (each.name === "disk" ? disk(each) : each)) }
      : child,
  );
  return { ...root, children };
}

function withoutId(root: XmlElement, say: Say): XmlElement {
  const attributes = new Map(root.attributes);
  if (attributes.delete("id")) {
    say(
      "warning",
      "the backup has an id; since libvirt 6.0 a domain has one backup at a time, without an id",
      "it is left out",
      root,
    );
  }
  return { ...root, attributes };
}

function isNetwork({ attributes }: XmlElement): boolean {
  return ["network", "networks"].includes(attributes.get("type") ?? "");
}

function checkpointDisk(element: XmlElement, say: Say): XmlElement {
  if (!isNetwork(element)) return element;
  const attributes = new Map(element.attributes);
  attributes.delete("type");
  say(
    "warning",
    `disk "${attributes.get("name") ?? ""}" of the checkpoint has a type, but a bitmap is always in the disk itself`,
    "it is left out",
    element,
  );
  return { ...element, attributes };
}

function backupDisk(element: XmlElement, domain: Domain | undefined, say: Say): XmlElement {
  const named = element.attributes.get("name") ?? "";
  if (isNetwork(element)) {
    say(
      "error",
      `disk "${named}" is backed up to the network, which libvirt never supported`,
      "write to a file or a block device, or use pull mode and send the data that is read",
      element,
    );
  }
  if (!named.startsWith("/")) return element;
  const target = domain && diskOf(domain, named)?.target;
  if (target === undefined) {
    say(
      "error",
      `the backup names a disk by the path ${named}; since libvirt 6.0 it must be named by its target`,
      domain === undefined
        ? "write the disk's target, such as vda, or give the domain's XML with --domain"
        : "no disk of the domain has this path",
      element,
    );
    return element;
  }
  say(
    "warning",
    `the backup names the disk "${target}" by the path ${named}; since libvirt 6.0 it must be named by its target`,
    "the target is written instead",
    element,
  );
  return { ...element, attributes: new Map(element.attributes).set("name", target) };
}
