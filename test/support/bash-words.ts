/*
 * What a bash text calls: enough of its grammar for the modules of templates/lib, which shellcheck has seen. Substitutions are
 * followed wherever they stand; comments, texts of here-documents and tests in [[ ]] hold no calls beside those.
 */

/** Commands that call what stands behind them, as `run v domstate`. */
const PASS_ON = new Set(["run", "limited", "trap", "each_element", "disk_gauge", "exec", "command", "wait"]);
const BEGINS = new Set(["if", "then", "else", "elif", "while", "until", "do", "!", "{", "time"]);

/** The commands of a text, in their order, those of its substitutions among them. */
export function callsOf(text: string): string[] {
  return new Reader(text).read();
}

class Reader {
  readonly #text: string;
  readonly #calls: string[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): string[] {
    this.#commands("");
    return this.#calls;
  }

  /** Commands up to a closing bracket, or to the end. */
  #commands(close: string): void {
    let isCommand = true;
    let passesOn = false;
    const heredocs: string[] = [];
    /** Depth of cases whose next word is a pattern. */
    let pattern = false;
    let cases = 0;
    while (this.#at < this.#text.length) {
      const rest = this.#text.slice(this.#at, this.#at + 3);
      const [character = ""] = rest;
      if (character === close && !pattern) {
        this.#at += 1;
        return;
      }
      if (character === "\n") {
        this.#at += 1;
        for (const word of heredocs.splice(0)) this.#skipHeredoc(word);
        isCommand = true;
        passesOn = false;
      } else if (/\s/.test(character)) this.#at += 1;
      else if (character === "\\" && this.#text[this.#at + 1] === "\n") this.#at += 2;
      else if (character === "#") this.#skipTo("\n");
      else if (rest.startsWith(";;") && cases > 0) {
        this.#at += rest === ";;&" ? 3 : 2;
        pattern = true;
      } else if (pattern && character === "(") this.#at += 1;
      else if (pattern && character === ")") {
        this.#at += 1;
        pattern = false;
        isCommand = true;
      } else if (pattern && character === "|") this.#at += 1;
      else if (rest.startsWith("((")) this.#skipArithmetic();
      else if (rest.startsWith("[[")) {
        this.#test();
        isCommand = false;
      } else if (/[;&|]/.test(character)) {
        this.#at += 1;
        isCommand = true;
        passesOn = false;
      } else if (character === "(") {
        this.#at += 1;
        this.#commands(")");
        isCommand = false;
      } else if (rest === "<<<") this.#at += 3;
      else if (rest.startsWith("<<")) {
        this.#at += 2;
        heredocs.push(this.#word());
      } else if (rest.startsWith("<(") || rest.startsWith(">(")) {
        this.#at += 2;
        this.#commands(")");
      } else if (/[<>]/.test(character)) {
        this.#at += 1;
        if (this.#text[this.#at] === "&") this.#at += 1;
        else if (this.#text[this.#at] === ">") this.#at += 1;
      } else {
        const word = this.#word();
        if (pattern) {
          if (word === "esac") {
            pattern = false;
            cases -= 1;
            isCommand = false;
          }
          continue;
        }
        if (word === "in" && cases > 0 && !isCommand) pattern = this.#isCase;
        if (word === "esac" && isCommand) {
          cases -= 1;
          isCommand = false;
        } else if (isCommand && word === "case") {
          cases += 1;
          this.#isCase = true;
          isCommand = false;
        } else if (isCommand && word === "for") {
          this.#isCase = false;
          isCommand = false;
        } else if (isCommand && (BEGINS.has(word) || this.#assigns(word))) {
          // What follows is a command still.
        } else if (isCommand) {
          isCommand = false;
          if (this.#text.startsWith("()", this.#at)) {
            this.#at += 2;
            isCommand = true;
          } else {
            this.#calls.push(word);
            passesOn = PASS_ON.has(word);
          }
        } else if (passesOn) this.#calls.push(word.split(" ")[0] ?? "");
      }
    }
  }

  #isCase = false;

  /** Whether a word gives a value to a name; one of an array is read to its end. */
  #assigns(word: string): boolean {
    if (!/^[A-Za-z_][A-Za-z0-9_]*(\[.*\])?\+?=/s.test(word)) return false;
    if (/=$/.test(word) && this.#text[this.#at] === "(") {
      this.#at += 1;
      while (this.#text[this.#at] !== ")" && this.#at < this.#text.length) {
        if (/\s/.test(this.#text[this.#at] ?? "")) this.#at += 1;
        else this.#word();
      }
      this.#at += 1;
    }
    return true;
  }

  /** A word, without its quotes; what it substitutes is read as commands. */
  #word(): string {
    let word = "";
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? "";
      if (character === "[" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(word)) word += this.#subscript();
      else if (/[\s;&|()<>]/.test(character)) break;
      else if (character === "'" || this.#text.startsWith("$'", this.#at)) {
        const from = this.#at + (character === "'" ? 1 : 2);
        this.#at = this.#text.indexOf("'", from) + 1;
        word += this.#text.slice(from, this.#at - 1);
      } else if (character === '"') word += this.#quoted();
      else if (character === "$") word += this.#expansion();
      else if (character === "`") throw new Error("a module substitutes with `");
      else {
        if (character === "\\") this.#at += 1;
        word += this.#text[this.#at] ?? "";
        this.#at += 1;
      }
    }
    if (word === "" && this.#at < this.#text.length && !/[\s;&|()<>]/.test(this.#text[this.#at] ?? ""))
      this.#at += 1;
    return word;
  }

  #subscript(): string {
    const from = this.#at;
    for (let depth = 0; this.#at < this.#text.length; ) {
      const character = this.#text[this.#at] ?? "";
      if (character === '"') this.#quoted();
      else if (character === "$") this.#expansion();
      else this.#at += 1;
      if (character === "[") depth += 1;
      else if (character === "]" && --depth === 0) break;
    }
    return this.#text.slice(from, this.#at);
  }

  #quoted(): string {
    let text = "";
    this.#at += 1;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      if (this.#text[this.#at] === "\\") {
        text += this.#text[this.#at + 1] ?? "";
        this.#at += 2;
      } else if (this.#text[this.#at] === "$") text += this.#expansion();
      else {
        text += this.#text[this.#at] ?? "";
        this.#at += 1;
      }
    }
    this.#at += 1;
    return text;
  }

  /** What begins with `$`. */
  #expansion(): string {
    const next = this.#text.slice(this.#at + 1, this.#at + 3);
    if (next === "((") {
      this.#at += 1;
      this.#skipArithmetic();
    } else if (next[0] === "(") {
      this.#at += 2;
      this.#commands(")");
    } else if (next[0] === "{") {
      const from = this.#at;
      this.#at += 2;
      while (this.#at < this.#text.length && this.#text[this.#at] !== "}") {
        const character = this.#text[this.#at];
        if (character === '"') this.#quoted();
        else if (character === "$") this.#expansion();
        else if (character === "'") this.#at = this.#text.indexOf("'", this.#at + 1) + 1;
        else this.#at += character === "\\" ? 2 : 1;
      }
      this.#at += 1;
      return this.#text.slice(from, this.#at);
    } else this.#at += 1;
    return "$";
  }

  #skipArithmetic(): void {
    let depth = 0;
    do {
      const character = this.#text[this.#at] ?? "";
      if (character === "$") {
        this.#expansion();
        continue;
      }
      if (character === "(") depth += 1;
      else if (character === ")") depth -= 1;
      this.#at += 1;
    } while (depth > 0 && this.#at < this.#text.length);
  }

  /** `[[ … ]]` */
  #test(): void {
    while (this.#at < this.#text.length) {
      if (/\s/.test(this.#text[this.#at] ?? "") && this.#text.startsWith("]]", this.#at + 1)) {
        this.#at += 3;
        return;
      }
      const character = this.#text[this.#at];
      if (character === '"') this.#quoted();
      else if (character === "$") this.#expansion();
      else if (character === "'") this.#at = this.#text.indexOf("'", this.#at + 1) + 1;
      else this.#at += character === "\\" ? 2 : 1;
    }
  }

  #skipTo(text: string): void {
    const found = this.#text.indexOf(text, this.#at);
    this.#at = found < 0 ? this.#text.length : found;
  }

  /** Its text is no command, but substitutes as quoted text does. */
  #skipHeredoc(word: string): void {
    while (this.#at < this.#text.length) {
      const end = this.#text.indexOf("\n", this.#at);
      const line = this.#text.slice(this.#at, end < 0 ? undefined : end);
      this.#at = end < 0 ? this.#text.length : end + 1;
      if (line === word) return;
    }
  }
}
