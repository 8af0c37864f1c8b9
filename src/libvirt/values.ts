import { isIPv6 } from "node:net";
import { TARGET_NAME } from "./domain.js";
import { like, oneOf, type TextGrammar } from "./grammar.js";

/** Values that libvirt's schemas share (basictypes.rng, domaincommon.rng, storagecommon.rng of 9.0.0). */

export const target: TextGrammar = like(TARGET_NAME, "a disk's target, such as vda");

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
