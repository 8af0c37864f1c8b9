import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ROOT, readAs, TIDEMARK } from "../support/tidemark.js";

const scratch = mkdtempSync(join(tmpdir(), "tidemark-normalize-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const DOMAIN = join(ROOT, "golden/mixed-raw/inventory/web.xml");

function normalize(document: string, ...args: readonly string[]) {
  return spawnSync(process.execPath, [TIDEMARK, "normalize", "-", ...args], {
    cwd: scratch,
    input: document,
    encoding: "utf8",
  });
}

describe("tidemark normalize", () => {
  it("writes a document as libvirt would, its defaults filled in", () => {
    const { stdout, stderr, status } = normalize(
      "<domainbackup><disks><disk type='file' name='vda'><target file='/b/x'/></disk></disks></domainbackup>",
    );
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout).toBe(`<domainbackup mode='push'>
  <disks>
    <disk name='vda' backup='yes' type='file'>
      <target file='/b/x'/>
    </disk>
  </disks>
</domainbackup>
`);
  });

  it("fills in what libvirt would for a domain, and says what it refuses, each in its place", () => {
    const whole = normalize("<domaincheckpoint/>", "--domain", DOMAIN, "--name", "first");
    expect(whole.status).toBe(1);
    expect(whole.stdout).toBe("");
    expect(whole.stderr).toMatch(/info TM408 .*libvirt chooses the name of the checkpoint/);
    expect(whole.stderr).toMatch(/error TM413 the checkpoint covers disk "vd.*only qcow2 can keep a bitmap/);
    const one = normalize(
      "<domaincheckpoint><name>first</name><disks><disk name='vda'/></disks></domaincheckpoint>",
      "--domain",
      DOMAIN,
    );
    expect(one.stdout).toMatch(
      /<disk name='vda' checkpoint='bitmap' bitmap='first'\/>\n( *<disk name='\w+' checkpoint='no'\/>\n)+/,
    );
    expect(one.status).toBe(0);
  });

  it("looks at both documents of a call together", () => {
    const checkpoint = join(scratch, "checkpoint.xml");
    writeFileSync(
      checkpoint,
      "<domaincheckpoint><name>c</name>\n<disks>\n<disk name='vda'/>\n</disks></domaincheckpoint>",
    );
    const { stderr, status } = normalize(
      "<domainbackup><disks><disk name='vda' backup='no'/></disks></domainbackup>",
      "--with",
      checkpoint,
      "--domain",
      DOMAIN,
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/checkpoint\.xml:3:1 error TM434/);
    expect(stderr).toMatch(/TM417/);
  });

  it("reads the proposal of 2018, and says what has changed", () => {
    const source = /<source file='([^']+)'/.exec(
      spawnSync("cat", [DOMAIN], { encoding: "utf8" }).stdout,
    )?.[1];
    const { stdout, stderr, status } = normalize(
      `<domainbackup id='7'><disks><disk name='${source}' type='file'><target file='/b/x'/></disk></disks></domainbackup>`,
      "--domain",
      DOMAIN,
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/<disk name='vda' backup='yes' type='file' backupmode='full'>/);
    expect(stderr.match(/warning TM408/g)).toHaveLength(2);
    const network = normalize(
      "<domainbackup><disks><disk name='vda' type='networks'><target file='/b/x'/></disk></disks></domainbackup>",
    );
    expect(network.stderr).toMatch(/error TM408 disk "vda" is backed up to the network/);
    expect(network.status).toBe(1);
  });

  it("says everything at once, to programs as well", () => {
    const { stdout, stderr, status } = normalize(
      "<domainbackup mode='push' x='1'><server/><disks/></domainbackup>",
      "--format",
      "json",
    );
    expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
    const told = readAs("diagnostics", stderr) as { diagnostics: readonly { code: string }[] };
    expect(told.diagnostics.map(({ code }) => code)).toEqual(["TM407", "TM407", "TM407"]);
  });

  it.each([
    ["a file that is not there", ["nothing.xml"], /TM201 cannot read nothing\.xml: there is no such file/],
    ["a folder", ["."], /TM201 cannot read \.: it is a folder/],
    ["another document", [DOMAIN], /TM204 the file contains a <domain>/],
  ])("refuses %s", (_, args, message) => {
    const done = spawnSync(process.execPath, [TIDEMARK, "normalize", ...args], {
      cwd: scratch,
      encoding: "utf8",
    });
    expect(done.status).toBe(1);
    expect(done.stderr).toMatch(message);
  });
});

describe("tidemark explain of a code", () => {
  const explain = (...args: readonly string[]) =>
    spawnSync(process.execPath, [TIDEMARK, "explain", ...args], { encoding: "utf8" });

  it("prints the page of any code", () => {
    expect(explain("tm422").stdout).toMatch(
      /^# TM422: base without a bitmap on the disk\n[\s\S]*- Source: qemu_backup\.c/,
    );
    expect(explain("TM101").stdout).toMatch(
      /^# TM101: the policy file cannot be read as text\n\nThe file of the policy /,
    );
  });

  it("knows which there are, and wants a domain with a policy", () => {
    expect(explain("TM999")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("there is no diagnostic TM999"),
    });
    expect(explain("policy.yaml")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("--domain <name>"),
    });
  });
});
