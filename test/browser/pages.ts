import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { expect } from "vitest";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
}

/** Pages whose every error and every request is noted. */
export class Pages {
  readonly #browser: Browser;
  readonly #opened: { page: Page; trouble: string[] }[] = [];

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  async open(path: string, options: Parameters<Browser["newPage"]>[0] = {}): Promise<Page> {
    const page = await this.#browser.newPage({ viewport: { width: 1240, height: 800 }, ...options });
    const trouble: string[] = [];
    page.on("pageerror", (error) => trouble.push(String(error)));
    page.on("console", (message) => trouble.push(message.text()));
    page.on("request", (request) => {
      if (!request.url().startsWith(pathToFileURL(path).href)) trouble.push(`request: ${request.url()}`);
    });
    await page.goto(pathToFileURL(path).href);
    this.#opened.push({ page, trouble });
    return page;
  }

  /** Closes all pages, which must have been without trouble. */
  async close(): Promise<void> {
    for (const { page, trouble } of this.#opened.splice(0)) {
      expect(trouble).toEqual([]);
      await page.close();
    }
  }
}

/** The rules of axe that a page breaks, with the elements that break them. */
export async function violationsOf(page: Page): Promise<[string, string[]][]> {
  // The page's own policy forbids scripts from elsewhere; the judge's is put in beside it.
  await page.evaluate(readFileSync(AXE, "utf8"));
  const { violations } = await page.evaluate(() =>
    (
      globalThis as unknown as {
        axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      }
    ).axe.run(),
  );
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 120))]);
}
