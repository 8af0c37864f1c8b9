import { isIPv6 } from "node:net";
import { FEATURES, knows } from "./features.js";
import { like, oneOf, type TextGrammar } from "./grammar.js";

/** Values that libvirt's schemas share (basictypes.rng, domaincommon.rng, storagecommon.rng of 9.0.0 to 12.8.0). */

const anyTarget = like(/^(?:ioemu:)?(?:fd|hd|sd|vd|xvd|ubd)[a-zA-Z0-9_]+$/, "a disk's target, such as vda");
const nvmeTarget = /^nvme[0-9]+n[0-9]+(?:p[0-9]+)?$/;

/** @param libvirt release whose schema it is; undefined: what all of them have in common */
export function target(libvirt: string | undefined): TextGrammar {
  if (!knows(libvirt, FEATURES.nvmeBus)) return anyTarget;
  return { ...anyTarget, allows: (text) => anyTarget.allows(text) || nvmeTarget.test(text) };
}

export const absolutePath: TextGrammar = like(
  /^(?:\/|[a-zA-Z]:\\)[^\n\r]+$/,
  "an absolute path, such as /var/backup/vda.qcow2",
);

export const yesNo: TextGrammar = oneOf("yes", "no");

export const uuid: TextGrammar = like(
  /^[a-fA-F0-9]{32}$|^[a-fA-F0-9]{8}-(?:[a-fA-F0-9]{4}-){3}[a-fA-F0-9]{12}$/,
  "a UUID",
);

export const unsignedInt: TextGrammar = numberUpTo(0xffffffffn);
export const unsignedLong: TextGrammar = numberUpTo(0xffffffffffffffffn);

function numberUpTo(most: bigint): TextGrammar {
  return {
    allows: (text) => /^[0-9]+$/.test(text) && BigInt(text) <= most,
    what: `a whole number up to ${most}`,
  };
}

/** A host by name or address, without an interface. */
export const host: TextGrammar = {
  allows: (text) => /^[a-zA-Z0-9.-]+$/.test(text) || (isIPv6(text) && !text.includes("%")),
  what: "a host's name or address",
};

export const imageFormat: TextGrammar = oneOf(
  ..."raw dir bochs cloop dmg iso vpc vdi fat vhd ploop luks cow qcow qcow2 qed vmdk".split(" "),
);

/** No leading dot, nothing but these (domaincheckpoint.rng, checkpointName). */
export const checkpointName: TextGrammar = like(
  /^[a-zA-Z0-9_-][a-zA-Z0-9_.-]*$/,
  "letters, digits, _ . and -, without a leading dot",
);
