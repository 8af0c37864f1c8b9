import { wrap } from "../diagnostics/wrap.js";

/** Columns in which text can still be read. */
export const NARROWEST = 40;

/** Columns of a terminal; what is none has no end. */
export function terminalWidth({ isTTY, columns }: NodeJS.WriteStream = process.stdout): number {
  return isTTY && columns > 0 ? Math.max(columns, NARROWEST) : Number.POSITIVE_INFINITY;
}

/** Widest first column that what goes on stands right of. */
const TITLE = 20;

/** Breaks the lines that are too long; what goes on stands under the text beside a short first column, or indented. */
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
