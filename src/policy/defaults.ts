import type { FileMode } from "./permissions.js";
import type { ImageFormat, Mode, Policy } from "./policy.js";

/** The defaults of a policy, as texts. A test compares them with the `default`s of the schema. */
export const DEFAULTS = {
  timezone: "UTC",
  inventory: "./inventory",
  onMissingBase: "last-verified",
  onDrift: "fail",
  onNewDisk: "continue",
  onStopped: "skip",
  timeLimit: "6h",
  hookTimeLimit: "10min",
  spaceMargin: "10% + 16MiB",
  consolidate: false,
  retry: { times: 2, after: "15min" },
  permissions: { mode: "0640" },
  mode: "push",
  format: "qcow2",
  compress: "no",
  target: "{repository}/{domain}/{point}/{disk}.{format}",
  freezePatience: "1min",
  bandwidth: "unlimited",
  speed: "100MiB/s",
} as const satisfies Partial<Pick<Policy, "onMissingBase" | "onDrift" | "onNewDisk" | "onStopped">> & {
  readonly mode: Mode;
  readonly format: ImageFormat;
  readonly permissions: { readonly mode: FileMode };
} & Readonly<Record<string, unknown>>;
