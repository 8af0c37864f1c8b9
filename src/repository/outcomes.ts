import { join } from "node:path";
import { readBounded } from "../inventory/bounded.js";

/** How a run ended, as the run itself recorded it (`templates/lib/outcomes.bash`). */
export interface Outcome {
  /** An instant. */
  readonly slot: string;
  readonly outcome: "done" | "partial" | "skipped" | "failed" | "refused" | "busy";
  /** Exit status of the run. */
  readonly exit: number;
  /** When the run ended; an instant. */
  readonly at: string;
  /** The last step that was begun. */
  readonly step: string;
  /** The run's errors; empty if it had none. */
  readonly why: string;
}

/** Bytes of the largest record that is read: a run cuts it to two thousand lines. */
const MAX_RECORD = 4 << 20;

/**
 * The record of ended runs in a domain's folder, oldest first. A line that is not whole, as after a power cut, is left out. undefined:
 * there is no record that can be read.
 */
export function readOutcomes(folder: string): readonly Outcome[] | undefined {
  let text: string;
  try {
    text = readBounded(join(folder, ".tidemark/outcomes"), MAX_RECORD).toString("utf8");
  } catch {
    return undefined;
  }
  return text.split("\n").flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line);
      if (!isOutcome(value)) return [];
      const { slot, outcome, exit, at, step, why } = value;
      return { slot, outcome, exit, at, step, why };
    } catch {
      return [];
    }
  });
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

function isOutcome(value: unknown): value is Outcome {
  if (typeof value !== "object" || value === null) return false;
  const { slot, outcome, exit, at, step, why } = value as Record<string, unknown>;
  return (
    [slot, at].every((time) => typeof time === "string" && INSTANT.test(time)) &&
    typeof outcome === "string" &&
    ["done", "partial", "skipped", "failed", "refused", "busy"].includes(outcome) &&
    Number.isInteger(exit) &&
    [step, why].every((text) => typeof text === "string" && !/\p{Cc}/u.test(text))
  );
}
