import { createHash } from "node:crypto";
import { parseSpan, spanSeconds } from "../policy/span.js";

/**
 * How long after its slots a domain's runs start, in milliseconds: a share of the jitter, whole seconds, that its name
 * decides, so that a fleet does not start at once and a domain always starts alike.
 */
export function jitterOf(domain: string, jitter: string | undefined): number {
  const span = jitter === undefined ? undefined : parseSpan(jitter);
  if (span === undefined) return 0;
  const share = createHash("sha256").update(domain).digest().readUIntBE(0, 6) / 2 ** 48;
  return Math.floor(share * spanSeconds(span)) * 1000;
}
