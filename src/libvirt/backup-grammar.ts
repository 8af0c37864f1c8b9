import { FEATURES, knows } from "./features.js";
import { anyText, type Grammar, oneOf, required, type TextGrammar } from "./grammar.js";
import { absolutePath, host, imageFormat, target, unsignedInt, uuid, yesNo } from "./values.js";
import type { XmlElement } from "./xml.js";

/**
 * The grammar of `<domainbackup>`, from domainbackup.rng of libvirt 9.0.0 to 12.8.0. Like the schema, it depends on
 * attributes (mode, type, transport).
 * @param libvirt release whose schema it is; undefined: what all of them have in common
 */
export function backupGrammar(root: XmlElement, libvirt: string | undefined): Grammar {
  const pull = root.attributes.get("mode") === "pull";
  return {
    attributes: { mode: oneOf("push", "pull") },
    children: {
      incremental: { occurs: "at most once", grammar: () => ({ text: anyText }) },
      ...(pull && { server: { occurs: "once", grammar: serverGrammar(libvirt) } as const }),
      disks: {
        occurs: "at most once",
        grammar: () => ({
          children: { disk: { occurs: "once or more", grammar: (pull ? pullDisk : pushDisk)(libvirt) } },
        }),
      },
    },
  };
}

const serverGrammar =
  (libvirt: string | undefined) =>
  ({ attributes }: XmlElement): Grammar => {
    const transport = attributes.get("transport");
    const hasFd = knows(libvirt, FEATURES.fdServer);
    const common = { tls: yesNo, transport: hasFd ? oneOf("tcp", "unix", "fd") : oneOf("tcp", "unix") };
    if (transport === "unix") return { attributes: { ...common, socket: required(absolutePath) } };
    if (transport === "fd") return { attributes: { ...common, fdgroup: required(anyText) } };
    return { attributes: { ...common, name: required(host), port: unsignedInt } };
  };

const diskMode = { backupmode: oneOf("full", "incremental"), incremental: anyText };

/** A full has no base (backupDiskMode). */
function fullWithoutBase({ attributes }: XmlElement): string | undefined {
  return attributes.get("backupmode") === "full" && attributes.has("incremental")
    ? "<disk> is a full, but names a base"
    : undefined;
}

const pushDisk =
  (libvirt: string | undefined) =>
  ({ attributes, children }: XmlElement): Grammar => {
    const name = required(target(libvirt));
    if (attributes.get("backup") === "no") {
      return {
        attributes: { name, ...diskMode, backup: yesNo },
        together: fullWithoutBase,
      };
    }
    const isPlain = !attributes.has("type") && children.length === 0 && knows(libvirt, FEATURES.plainDisk);
    const type = oneOf("file", "block");
    return {
      attributes: { name, ...diskMode, backup: yesNo, type: isPlain ? type : required(type) },
      children: {
        target: { occurs: "at most once", grammar: storeGrammar(attributes.get("type")) },
        driver: { occurs: "at most once", grammar: driverGrammar(imageFormat) },
      },
      together: fullWithoutBase,
    };
  };

const pullDisk =
  (libvirt: string | undefined) =>
  ({ attributes }: XmlElement): Grammar => {
    const named = {
      name: required(target(libvirt)),
      ...diskMode,
      exportname: anyText,
      exportbitmap: anyText,
      backup: yesNo,
    };
    if (attributes.get("backup") === "no") return { attributes: named, together: fullWithoutBase };
    const type = attributes.get("type");
    return {
      attributes: { ...named, type: oneOf("file", "block") },
      children: {
        scratch: { occurs: type === "block" ? "once" : "at most once", grammar: storeGrammar(type) },
        driver: { occurs: "at most once", grammar: driverGrammar(oneOf("qcow2")) },
      },
      together: (disk) =>
        fullWithoutBase(disk) ??
        (attributes.has("backup") && type === undefined
          ? "<disk> with backup='yes' needs a type"
          : disk.children.some(({ name }) => name === "driver") &&
              !disk.children.some(({ name }) => name === "scratch")
            ? "<disk> has a <driver>, but no <scratch>"
            : undefined),
    };
  };

function driverGrammar(formats: TextGrammar): () => Grammar {
  return () => ({ attributes: { type: required(formats) } });
}

function storeGrammar(type: string | undefined): () => Grammar {
  return () => ({
    attributes: { [type === "block" ? "dev" : "file"]: required(absolutePath) },
    children: {
      seclabel: { occurs: "any number", grammar: seclabelGrammar },
      encryption: { occurs: "at most once", grammar: () => encryptionGrammar },
    },
  });
}

function seclabelGrammar({ attributes }: XmlElement): Grammar {
  const model = { model: anyText };
  if (attributes.get("relabel") === "no") return { attributes: { ...model, relabel: oneOf("no") } };
  if (attributes.has("labelskip")) return { attributes: { ...model, labelskip: oneOf("yes") } };
  return {
    attributes: { ...model, relabel: oneOf("yes", "no"), labelskip: oneOf("yes") },
    children: { label: { occurs: "once or more", grammar: () => ({ text: anyText }) } },
  };
}

const encryptionGrammar: Grammar = {
  attributes: { format: required(oneOf("luks")), engine: oneOf("qemu") },
  children: {
    secret: { occurs: "once", grammar: () => secretGrammar },
    cipher: { occurs: "at most once", grammar: () => cipherGrammar },
    ivgen: {
      occurs: "at most once",
      grammar: () => ({ attributes: { name: required(anyText), hash: anyText } }),
    },
  },
  together: ({ children }) => {
    const cipher = children.findIndex(({ name }) => name === "cipher");
    const ivgen = children.findIndex(({ name }) => name === "ivgen");
    return cipher < 0 !== ivgen < 0 || cipher > ivgen
      ? "<encryption> must have both <cipher> and <ivgen>, in this order, or neither"
      : undefined;
  },
};

const secretGrammar: Grammar = {
  attributes: { type: required(oneOf("passphrase")), uuid, usage: anyText },
  together: ({ attributes }) =>
    attributes.has("uuid") === attributes.has("usage")
      ? "<secret> must have either uuid or usage"
      : undefined,
};

const cipherGrammar: Grammar = {
  attributes: { name: required(anyText), size: required(unsignedInt), mode: anyText, hash: anyText },
  together: ({ attributes }) =>
    attributes.has("mode") === attributes.has("hash")
      ? undefined
      : "<cipher> must have both mode and hash, or neither",
};
