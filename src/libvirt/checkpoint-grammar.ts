import { anyText, type Grammar, oneOf, required } from "./grammar.js";
import { absolutePath, checkpointName, target, unsignedLong } from "./values.js";
import type { XmlElement } from "./xml.js";

/**
 * The grammar of `<domaincheckpoint>`, from domaincheckpoint.rng; the domain in it is not checked.
 * @param libvirt release whose schema it is; undefined: what all of them have in common
 */
export const checkpointGrammar = (libvirt: string | undefined): Grammar => ({
  children: {
    name: { occurs: "at most once", grammar: () => ({ text: checkpointName }) },
    description: { occurs: "at most once", grammar: () => ({ text: anyText }) },
    creationTime: { occurs: "at most once", grammar: () => ({ text: unsignedLong }) },
    parent: {
      occurs: "at most once",
      grammar: () => ({ children: { name: { occurs: "once", grammar: () => ({ text: checkpointName }) } } }),
    },
    disks: {
      occurs: "at most once",
      grammar: () => ({ children: { disk: { occurs: "once or more", grammar: diskGrammar(libvirt) } } }),
    },
    domain: { occurs: "at most once", grammar: () => ({ anything: true }) },
  },
});

const diskGrammar =
  (libvirt: string | undefined) =>
  ({ attributes }: XmlElement): Grammar => {
    const name = required({
      allows: (text) => target(libvirt).allows(text) || absolutePath.allows(text),
      what: "a disk's target, such as vda, or the absolute path of its source",
    });
    return attributes.get("checkpoint") === "no"
      ? { attributes: { name, checkpoint: oneOf("no") } }
      : { attributes: { name, checkpoint: oneOf("no", "bitmap"), bitmap: anyText, size: unsignedLong } };
  };
