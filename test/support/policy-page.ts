import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";

/** A part of `schemas/policy.schema.json`. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly properties?: Readonly<Record<string, Schema | false>>;
  readonly additionalProperties?: Schema | false;
  readonly items?: Schema;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
}

export const SCHEMA: Schema = JSON.parse(
  readFileSync(fileURLToPath(new URL("../../schemas/policy.schema.json", import.meta.url)), "utf8"),
);

/** The levels at which a policy has keys of its own: where the schema has each, and what a reader calls it. */
export const LEVELS = {
  top: { at: "", title: "The policy" },
  horizon: { at: "/properties/horizon", title: "`horizon`" },
  entry: { at: "/properties/schedule/items", title: "An entry of `schedule`" },
  blackout: { at: "/$defs/except/items", title: "A blackout in `except`" },
  retention: { at: "/properties/retention", title: "`retention`" },
  retry: { at: "/properties/retry", title: "`retry`" },
  permissions: { at: "/properties/permissions", title: "`permissions`" },
  hooks: { at: "/properties/hooks", title: "`hooks`" },
  metrics: { at: "/properties/metrics", title: "`metrics`" },
  versions: { at: "/properties/versions", title: "`versions`" },
  host: { at: "/properties/hosts/additionalProperties", title: "A host of `hosts`" },
  ansible: { at: "/properties/ansible", title: "`ansible`" },
  systemd: { at: "/properties/systemd", title: "`systemd`" },
  domain: { at: "/$defs/domainSettings", title: "`defaults`, and an entry of `domains`" },
  bandwidth: { at: "/$defs/domainSettings/properties/bandwidth/items", title: "An entry of `bandwidth`" },
  domainEntry: { at: "/$defs/domain", title: "An entry of `domains` only" },
  selector: { at: "/$defs/domain/properties/where", title: "`where`" },
  disks: { at: "/$defs/domain/properties/disks", title: "`disks`" },
  disk: { at: "/$defs/diskSettings", title: "`defaults`, an entry of `domains`, and a disk in `disks`" },
  server: { at: "/$defs/server", title: "`server`" },
  stream: { at: "/$defs/stream", title: "`stream`" },
  place: { at: "/$defs/place", title: "`target` and `scratch` on a block device" },
  seclabel: { at: "/$defs/diskSettings/properties/seclabels/items", title: "An entry of `seclabels`" },
  secret: { at: "/$defs/diskSettings/properties/scratchSecret", title: "`scratchSecret`" },
  estimate: { at: "/$defs/diskSettings/properties/estimate", title: "`estimate`" },
} as const;

export type LevelName = keyof typeof LEVELS;

/** The keys that the schema has at a level. */
export function keysAt(level: LevelName): readonly (readonly [string, Schema])[] {
  let part: unknown = SCHEMA;
  for (const segment of LEVELS[level].at.split("/").slice(1))
    part = (part as Record<string, unknown>)[segment];
  return Object.entries((part as Schema).properties ?? {}).flatMap(([key, value]) =>
    value === false ? [] : [[key, value] as const],
  );
}

/** Where in the schema there are keys. */
export function* placesWithKeys(part: unknown = SCHEMA, at = ""): Generator<string> {
  if (typeof part !== "object" || part === null) return;
  // What only forbids keys, as with a transport, has none.
  const { properties } = part as Schema;
  if (properties !== undefined && !/\/(if|then|else)$/.test(at)) yield at;
  for (const [key, inner] of Object.entries(part)) {
    if (key !== "examples" && key !== "default") yield* placesWithKeys(inner, `${at}/${key}`);
  }
}

/** `docs/policy.md`: every key, as the schema describes it. */
export function policyPage(): string {
  const sections = (Object.keys(LEVELS) as LevelName[]).map((level) => {
    const rows = keysAt(level).map(([key, schema]) => {
      const refers = SCHEMA.$defs?.[schema.$ref?.split("/").pop() ?? ""];
      const [example] = schema.examples ?? refers?.examples ?? [];
      const text = schema.description ?? refers?.description ?? "";
      return `| \`${key}\` | ${cell(text)} | ${code(schema.default)} | ${code(example)} |`;
    });
    return `## ${LEVELS[level].title}\n\n| key | what it says | default | example |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n`;
  });
  return `# Every key of a policy

This page is made from \`schemas/policy.schema.json\`, which editors use as well (\`tidemark schema policy\`). The other pages explain
what the keys are for. A key that a policy does not have takes its default; a key without a default has no effect where it is absent.

${sections.join("\n")}`;
}

function code(value: unknown): string {
  if (value === undefined) return "";
  return `\`${cell(stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trimEnd())}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
