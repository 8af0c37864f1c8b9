import type { Diagnostic, Severity } from "../diagnostics/diagnostic.js";
import { diskOf } from "./align.js";
import type { Domain } from "./domain.js";
import type { XmlElement } from "./xml.js";

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
  const say = (severity: Severity, message: string, hint: string, { location }: XmlElement) =>
    diagnostics.push({ code: "TM408", severity, message, hint, location });
  const isBackup = root.name === "domainbackup";
  if (!isBackup && root.name !== "domaincheckpoint") return { root, diagnostics };

  if (root.name === "domaincheckpoint" && root.children.length === 0) {
    say(
      "info",
      "libvirt chooses the name of the checkpoint, which is the time, and its disks, which are all writable ones",
      "name the checkpoint and its disks; --name and --domain add them",
      root,
    );
  }
  const attributes = new Map(root.attributes);
  if (isBackup && attributes.delete("id"))
    say(
      "warning",
      "the backup has an id; since libvirt 6.0 a domain has one backup at a time, without an id",
      "it is left out",
      root,
    );

  const disk = (element: XmlElement): XmlElement => {
    const own = new Map(element.attributes);
    const type = own.get("type");
    const named = own.get("name") ?? "";
    if (type === "network" || type === "networks") {
      if (isBackup) {
        say(
          "error",
          `disk "${named}" is backed up to the network, which libvirt never supported`,
          "write to a file or a block device, or use pull mode and send the data that is read",
          element,
        );
      } else {
        own.delete("type");
        say(
          "warning",
          `disk "${named}" of the checkpoint has a type, but a bitmap is always in the disk itself`,
          "it is left out",
          element,
        );
      }
    }
    if (isBackup && named.startsWith("/")) {
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
      } else {
        own.set("name", target);
        say(
          "warning",
          `the backup names the disk "${target}" by the path ${named}; since libvirt 6.0 it must be named by its target`,
          "the target is written instead",
          element,
        );
      }
    }
    return { ...element, attributes: own };
  };
  const children = root.children.map((child) =>
    child.name === "disks"
      ? { ...child, children: child.children.map((each) => (each.name === "disk" ? disk(each) : each)) }
      : child,
  );
  return { root: { ...root, attributes, children }, diagnostics };
}
