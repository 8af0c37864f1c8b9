import type { PlannedEntry } from "./plan.js";

/** From, until and blackouts of a schedule entry, for people; empty if it has none. */
export function boundsText({ start, until, except }: Omit<PlannedEntry, "onCalendar">): string {
  return [start && `from ${start}`, until && `until ${until}`, except && `except ${except.join("; ")}`]
    .filter(Boolean)
    .join(" ");
}
