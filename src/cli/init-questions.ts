import { isAbsolute } from "node:path";
import { createInterface } from "node:readline";
import { DateTime, IANAZone } from "luxon";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import type { FirstPolicy } from "../emit/first-policy.js";
import type { InputOptions } from "./input-options.js";

/** What a first policy says that no fact decides. */
export type Settings = Omit<FirstPolicy, "inventory" | "domains" | "withAgent">;

/** By the names of the options that give them. */
export type Answers = Record<
  "name" | "repository" | "timezone" | "time" | "keepDaily" | "keepWeekly" | "keepMonthly",
  string
>;

type SettleOptions = Partial<Answers> & { readonly yes?: boolean; readonly format: InputOptions["format"] };

interface Question {
  readonly key: keyof Answers;
  readonly ask: string;
  readonly preset: string;
  /** What an answer must be, where this one is not. */
  readonly refuse: (answer: string) => string | undefined;
}

const COUNT = {
  refuse: (answer: string) => (/^\d{1,5}$/.test(answer) ? undefined : "a number such as 7"),
} as const;

/** What a policy needs to be told, with what is taken where nobody is asked. */
function questions(): readonly Question[] {
  return [
    {
      key: "name",
      ask: "Name of the policy",
      preset: "nightly",
      refuse: (answer) =>
        /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}$/.test(answer)
          ? undefined
          : "letters, digits, _ . and -, no leading dot, 64 at most",
    },
    {
      key: "repository",
      ask: "Folder on the host for the backups",
      preset: "/var/backup/libvirt",
      refuse: (answer) => (isAbsolute(answer) ? undefined : "an absolute path"),
    },
    {
      key: "timezone",
      ask: "Time zone",
      preset: Intl.DateTimeFormat().resolvedOptions().timeZone,
      refuse: (answer) => (IANAZone.isValidZone(answer) ? undefined : "a name such as Europe/Berlin, or UTC"),
    },
    {
      key: "time",
      ask: "Time of the nightly run",
      preset: "02:00",
      refuse: (answer) =>
        /^([01]?\d|2[0-3]):[0-5]\d$/.test(answer) ? undefined : "hour and minute, such as 02:00",
    },
    { key: "keepDaily", ask: "Days to keep", preset: "7", ...COUNT },
    { key: "keepWeekly", ask: "Weeks to keep", preset: "4", ...COUNT },
    { key: "keepMonthly", ask: "Months to keep", preset: "6", ...COUNT },
  ];
}

/** From options, else by asking on a terminal, else as preset; undefined if an option is refused or nobody answers. */
export async function settle(
  options: SettleOptions,
  diagnostics: Diagnostic[],
): Promise<Settings | undefined> {
  const answers: Partial<Answers> = {};
  const open = questions().filter(({ key, refuse }) => {
    const given = options[key];
    if (given === undefined) return true;
    answers[key] = given;
    const expected = refuse(given);
    if (expected !== undefined) {
      diagnostics.push({
        code: "TM108",
        severity: "error",
        message: `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is "${given}"`,
        hint: `it must be ${expected}`,
      });
    }
    return false;
  });
  if (hasErrors(diagnostics)) return undefined;
  const asks =
    process.stdin.isTTY === true &&
    process.stderr.isTTY === true &&
    options.yes !== true &&
    options.format === "text";
  const answered = asks ? await ask(open) : Object.fromEntries(open.map(({ key, preset }) => [key, preset]));
  if (answered === undefined) {
    process.stderr.write("\n");
    diagnostics.push({
      code: "TM504",
      severity: "error",
      message: "not all questions were answered; nothing was written",
      hint: "--yes takes the proposed answers",
    });
    return undefined;
  }
  const all = { ...answers, ...answered } as Answers;
  return {
    name: all.name,
    repository: all.repository,
    timezone: all.timezone,
    time: clockOf(all.time),
    daily: Number(all.keepDaily),
    weekly: Number(all.keepWeekly),
    monthly: Number(all.keepMonthly),
    from: DateTime.now().setZone(all.timezone).plus({ days: 1 }).toFormat("yyyy-MM-dd"),
  };
}

/** An answer that was not refused. */
function clockOf(answer: string): FirstPolicy["time"] {
  const [hour = 0, minute = 0] = answer.split(":").map(Number);
  return { hour, minute };
}

/** Asks on stderr, so that stdout can be kept; undefined when the input ends or is interrupted. */
async function ask(open: readonly Question[]): Promise<Partial<Answers> | undefined> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // As lines, not one by one: what is typed ahead must not be lost.
  const lines = terminal[Symbol.asyncIterator]();
  const answers: Partial<Answers> = {};
  try {
    for (const { key, ask: question, preset, refuse } of open) {
      terminal.setPrompt(`${question} [${preset}]: `);
      for (;;) {
        terminal.prompt();
        const line = await lines.next();
        if (line.done === true) return undefined;
        const answer = line.value.trim() || preset;
        const expected = refuse(answer);
        if (expected === undefined) {
          answers[key] = answer;
          break;
        }
        process.stderr.write(`  it must be ${expected}\n`);
      }
    }
    return answers;
  } finally {
    terminal.close();
  }
}
