import { wrap } from "../diagnostics/wrap.js";

/** The fewest columns in which text can be read. */
export const NARROWEST = 40;

/** Columns of a terminal; infinite for anything else. */
export function terminalWidth({ isTTY, columns }: NodeJS.WriteStream = process.stdout): number {
  return isTTY && columns > 0 ? Math.max(columns, NARROWEST) : Number.POSITIVE_INFINITY;
}

/** Widest first column beside which continuation lines are aligned. */
const TITLE = 20;

/** Breaks lines that are too long. Continuation lines are aligned beside a short first column, or indented. */
export function fit(text: string, width: number): string {
  return text
    .split("\n")
    .flatMap((line) => {
      if (line.length <= width) return line;
      const title = /^ *\S+(?: \S+)* {2,}/.exec(line)?.[0].length ?? 0;
      const margin = /^ */.exec(line)?.[0].length ?? 0;
      const hang = title > 0 && title <= TITLE ? title : margin >= TITLE / 2 ? margin : margin + 4;
      const [first = "", ...more] = wrap(line.slice(hang), width - hang);
      return [
        `${line.slice(0, hang)}${first}`.trimEnd(),
        ...more.map((each) => `${" ".repeat(hang)}${each.trim()}`).filter((each) => each.trim() !== ""),
      ];
    })
    .join("\n");
}
