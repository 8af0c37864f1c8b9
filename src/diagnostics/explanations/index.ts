import type { DiagnosticCode } from "../codes.js";
import { COMMAND_LINE } from "./command-line.js";
import { FILES } from "./files.js";
import { INVENTORY } from "./inventory.js";
import { PLANNING } from "./planning.js";
import { POLICY } from "./policy.js";

/** Codes of libvirt's rules, which explain themselves. */
export type RuleCode = Extract<DiagnosticCode, `TM4${string}`>;

/** What each diagnostic means, why it matters and what to do, in Markdown. */
export const EXPLANATIONS: Readonly<Record<Exclude<DiagnosticCode, RuleCode>, string>> = {
  ...COMMAND_LINE,
  ...POLICY,
  ...INVENTORY,
  ...PLANNING,
  ...FILES,
};
