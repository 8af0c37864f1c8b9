import type { PlannedEntry } from "./plan.js";

/** Where in the calendar an entry of the schedule holds, for people; empty if it always does. */
export function boundsText({ start, until, except }: Omit<PlannedEntry, "onCalendar">): string {
  return [start && `from ${start}`, until && `until ${until}`, except && `except ${except.join("; ")}`]
    .filter(Boolean)
    .join(" ");
}
