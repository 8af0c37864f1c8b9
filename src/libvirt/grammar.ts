import type { Finding, Location } from "../diagnostics/diagnostic.js";
import { nearest } from "../diagnostics/did-you-mean.js";
import type { XmlElement } from "./xml.js";

/** What an element may contain; the order of children is free. */
export interface Grammar {
  readonly attributes?: Readonly<Record<string, AttributeGrammar>>;
  readonly children?: Readonly<Record<string, ChildGrammar>>;
  /** Text content; absent: only white space. */
  readonly text?: TextGrammar;
  /** Not looked into. */
  readonly anything?: true;
  /** Checks several parts together; undefined if they are right. */
  readonly together?: (element: XmlElement) => string | undefined;
}

export interface TextGrammar {
  readonly allows: (text: string) => boolean;
  /** What is allowed, for the message: `a number`. */
  readonly what: string;
}

export interface AttributeGrammar extends TextGrammar {
  readonly required?: boolean;
}

export interface ChildGrammar {
  readonly occurs: "once" | "at most once" | "any number" | "once or more";
  readonly grammar: (element: XmlElement) => Grammar;
}

export interface Misfit extends Finding {
  readonly location: Location;
}

export const anyText: TextGrammar = { allows: () => true, what: "text" };

export function oneOf(...values: readonly string[]): TextGrammar {
  return { allows: (text) => values.includes(text), what: values.join(" or ") };
}

/** A pattern of XML Schema: it is anchored, and its dot matches no line end. */
export function like(pattern: RegExp, what: string): TextGrammar {
  return { allows: (text) => pattern.test(text), what };
}

export function required(value: TextGrammar): AttributeGrammar {
  return { ...value, required: true };
}

/** All deviations of an element from its grammar, in document order. */
export function misfits(element: XmlElement, grammar: Grammar): Misfit[] {
  if (grammar.anything) return [];
  const { name, location } = element;
  const faults: Misfit[] = [];
  const say = (message: string, hint: string, at = location) => faults.push({ message, hint, location: at });

  const attributes = grammar.attributes ?? {};
  for (const [key, value] of element.attributes) {
    const known = Object.hasOwn(attributes, key) ? attributes[key] : undefined;
    if (known === undefined)
      say(`<${name}> must not have the attribute ${key} here`, remedy(key, Object.keys(attributes)));
    else if (!known.allows(value))
      say(`the attribute ${key} of <${name}> cannot be ${JSON.stringify(value)}`, `write ${known.what}`);
  }
  for (const [key, { required: must, what }] of Object.entries(attributes)) {
    if (must && !element.attributes.has(key))
      say(`<${name}> needs the attribute ${key}`, `add ${key}='…': ${what}`);
  }

  const text = grammar.text;
  if (text === undefined) {
    if (element.text.trim() !== "") say(`<${name}> must not contain text`, "remove the text");
  } else if (!text.allows(element.text)) {
    say(`the text of <${name}> cannot be ${JSON.stringify(element.text)}`, `write ${text.what}`);
  }

  const children = grammar.children ?? {};
  const counts = new Map<string, number>();
  for (const child of element.children) {
    const known = Object.hasOwn(children, child.name) ? children[child.name] : undefined;
    if (known === undefined) {
      say(
        `<${name}> must not contain <${child.name}> here`,
        remedy(child.name, Object.keys(children)),
        child.location,
      );
      continue;
    }
    const count = (counts.get(child.name) ?? 0) + 1;
    counts.set(child.name, count);
    if (count === 2 && (known.occurs === "once" || known.occurs === "at most once"))
      say(`<${name}> contains more than one <${child.name}>`, "remove all but one", child.location);
    faults.push(...misfits(child, known.grammar(child)));
  }
  for (const [key, { occurs }] of Object.entries(children)) {
    if ((occurs === "once" || occurs === "once or more") && !counts.has(key))
      say(`<${name}> needs <${key}>`, `add <${key}>`);
  }

  const problem = grammar.together?.(element);
  if (problem !== undefined) say(problem, "see libvirt's documentation of the format");
  return faults;
}

function remedy(key: string, known: readonly string[]): string {
  if (known.length === 0) return "remove it; nothing is allowed here";
  const meant = nearest(key, known);
  return meant === undefined ? `allowed here: ${known.join(", ")}` : `did you mean ${meant}?`;
}
