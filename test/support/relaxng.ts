import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { RelaxNGValidator, XmlDocument } from "libxml2-wasm";
import { xmlRegisterFsInputProviders } from "libxml2-wasm/lib/nodejs.mjs";

const SCHEMAS = "/usr/share/libvirt/schemas";
const KINDS = ["domainbackup", "domaincheckpoint"] as const;

/** What libvirt's own RELAX NG says of a backup or checkpoint document; nothing if it is valid. One that is not well-formed is not. */
export type RelaxNg = (xml: string) => string | undefined;

/** The installed libvirt's version, of its schemas as of its daemon. */
export function installedLibvirt(): string {
  return execFileSync("virsh", ["--version"], { encoding: "utf8" }).trim();
}

/** Loads the schemas of the installed libvirt. @throws if they are not there: a check that cannot run has failed */
export function loadRelaxNg(): RelaxNg {
  xmlRegisterFsInputProviders();
  const validators = new Map(
    KINDS.map((kind) => {
      const path = `${SCHEMAS}/${kind}.rng`;
      if (!existsSync(path)) throw new Error(`${path} is not there: run test/live/setup.sh`);
      const schema = XmlDocument.fromBuffer(readFileSync(path), { url: path });
      return [kind as string, RelaxNGValidator.fromDoc(schema)];
    }),
  );
  return (xml) => {
    try {
      using document = XmlDocument.fromString(xml);
      const validator = validators.get(document.root.name);
      if (validator === undefined) return `no schema for <${document.root.name}>`;
      validator.validate(document);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
}
