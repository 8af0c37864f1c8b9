import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { checkpointsOf, type Guest, pointsOf, saveXml, sh, startGuest, tidemark } from "./guest.js";
import { type Nights, type PolicyText, pullMode, underPolicy } from "./nights.js";
import { count } from "./tally.js";

/* What befalls a host while a run is at work, or lies in a run's way, and is nobody's wish. */
const NAME = "tmlive-hazards";
const DISKS = [
  { target: "vda", format: "qcow2", size: "4M" },
  { target: "vdb", format: "qcow2", size: "4M" },
] as const;

let guest: Guest | undefined;
afterEach(() => {
  guest?.remove();
  guest = undefined;
});

function begin(text: (folder: string) => PolicyText = () => ({})): { host: Guest; nights: Nights } {
  const host = startGuest(NAME, DISKS);
  guest = host;
  const nights = underPolicy(host, {
    schedule: '[{ level: incremental, at: "0 1 * * *" }]',
    ...text(host.folder),
  });
  nights.compile();
  nights.run();
  return { host, nights };
}

/** Runs a night in which a program of the host does `first` before what it is for; `$real` is the program itself. */
function troubled(
  program: string,
  first: string,
  { guest: host, run }: Nights,
  status: number | "signal" | "any",
  { fault, after = () => {} }: { fault?: string; after?: () => void } = {},
): string {
  const bin = join(host.folder, "bin");
  mkdirSync(bin, { recursive: true });
  const real = sh("bash", ["-c", 'command -v "$1"', "-", program]).stdout.trim();
  writeFileSync(join(bin, program), `#!/bin/bash\nreal=${real}\n${first}\nexec "$real" "$@"\n`, {
    mode: 0o755,
  });
  const path = process.env["PATH"];
  process.env["PATH"] = `${bin}:${path}`;
  try {
    count("faults");
    const { output } = run({ status, ...(fault !== undefined && { fault }) });
    after();
    return output;
  } finally {
    process.env["PATH"] = path;
    rmSync(bin, { recursive: true });
  }
}

/** A program is killed, as the kernel does when memory is short, wherever its arguments match. */
const killing = (program: string, matching: string, nights: Nights) =>
  troubled(program, `[[ "$*" != ${matching} ]] || kill -9 $$`, nights, 1);

/** Puts an openssl on the PATH that prints something else than sha256. @returns what takes it off again */
function withWrongOpenssl({ guest: host }: Nights): () => void {
  const bin = join(host.folder, "wrong openssl");
  mkdirSync(bin);
  writeFileSync(join(bin, "openssl"), `#!/bin/bash\ncat >/dev/null\nprintf '%064d *stdin\\n' 0\n`, {
    mode: 0o755,
  });
  const path = process.env["PATH"];
  process.env["PATH"] = `${bin}:${path}`;
  return () => {
    process.env["PATH"] = path;
  };
}

it("checksums are the same with openssl and without it", () => {
  const { nights } = begin();
  const compareSums = (point: string) => {
    const manifest = readFileSync(join(nights.folder, point, "manifest.json"), "utf8");
    for (const target of ["vda", "vdb"]) {
      const image = join(nights.folder, point, `${target}.qcow2`);
      expect(manifest).toContain(`"sha256":"${sh("sha256sum", ["--", image]).stdout.slice(0, 64)}"`);
    }
  };
  compareSums("nightly-20261206T010000Z");
  const restorePath = withWrongOpenssl(nights);
  try {
    compareSums(nights.run().point);
    nights.compareAll();
  } finally {
    restorePath();
  }
  nights.compareAll();
});

describe("a program that is killed fails the run, and the next one loses nothing", () => {
  it("sha256sum, where openssl does not give the right checksum", () => {
    const { nights } = begin();
    const restorePath = withWrongOpenssl(nights);
    try {
      expect(killing("sha256sum", '"" || ! -f /dev/stdin', nights)).toMatch(
        /the image of vda could not be read/,
      );
    } finally {
      restorePath();
    }
    nights.run();
    nights.compareAll();
  });

  it.each([
    ["qemu-io", "*", "pull", /the changes of vda could not be copied: qemu-io ended with exit status 137/],
    // Which program computes checksums is tried first, on a text that comes through a pipe.
    ["openssl", "dgst* || ! -f /dev/stdin", "push", /the image of vda could not be read/],
  ] as const)("%s", (program, matching, mode, says) => {
    const { nights } = begin((folder) => (mode === "pull" ? { defaults: pullMode(folder) } : {}));
    const output = killing(program, matching, nights);
    expect(output).toMatch(says);
    expect(output).toMatch(/undone: the checkpoint/);
    nights.compareAll();
    nights.run();
    nights.compareAll();
  });

  it("virsh, from the end of the job on: the next run undoes it", () => {
    const { nights } = begin();
    const sealed = pointsOf(nights.folder).length;
    const begun = `$(ls -- "${nights.folder}"/*/active.xml | wc -l)`;
    const kill = `[[ "$*" != *checkpoint-dumpxml* || ${begun} -le ${sealed} ]] || kill -9 $$`;
    const output = troubled("virsh", kill, nights, 5);
    expect(output).toMatch(/libvirt does not describe what the run has made/);
    expect(output).toMatch(/not everything could be undone; the next run undoes the rest/);
    nights.run();
    nights.compareAll();
  });

  it.each(["qemu-img", "qemu-io"])("%s, in the middle of a copy of a stopped domain", (program) => {
    const { host, nights } = begin(() => ({ top: "onStopped: offline-copy" }));
    host.virsh("destroy");
    // Another file has no bitmap, and is copied whole.
    for (const target of program === "qemu-img" ? ["vda", "vdb"] : [])
      sh("bash", ["-c", 'cp "$1" "$1.new" && mv "$1.new" "$1"', "-", host.image(target)]);
    expect(killing(program, program === "qemu-img" ? "convert\\ -U\\ -n*" : "*", nights)).toMatch(
      /undone: the checkpoint/,
    );
    nights.compareAll();
    nights.run();
    host.virsh("start");
    nights.run();
    nights.compareAll();
  });
});

it("a guest that has been frozen and does not thaw at once is asked again", () => {
  const { host, nights } = begin(() => ({
    defaults: "{ mode: push, freeze: true, onFreezeFailure: continue }",
  }));
  const slow = `case " $* " in
    *" domfsfreeze "*) exit 0 ;;
    *" domfsthaw "*) echo x >>'${host.folder}/thaws'; (($(wc -l <'${host.folder}/thaws') < 3)) && exit 1; exit 0 ;;
  esac`;
  expect(troubled("virsh", slow, nights, 0)).not.toMatch(/could not be thawed/);
  expect(readFileSync(join(host.folder, "thaws"), "utf8")).toBe("x\nx\nx\n");
  nights.compareAll();
});

it("a file that lies where a scratch file or the socket is to be is refused, and never deleted", () => {
  const { host, nights } = begin((folder) => ({ defaults: pullMode(folder) }));
  for (const name of [`${NAME}-vda.qcow2`, "nbd"]) {
    const other = join(host.folder, name);
    writeFileSync(other, "another machine's disk");
    expect(nights.run({ status: 3 }).output).toMatch(/exists already/);
    expect(existsSync(other)).toBe(true);
    rmSync(other);
  }
  nights.run();
  nights.compareAll();
});

it("a domain that is started right after it was copied offline keeps the checkpoint that the next run reads from", () => {
  const { host, nights } = begin(() => ({ top: "onStopped: offline-copy" }));
  host.virsh("destroy");
  nights.run({ fault: "sealed:stop", whileStopped: () => void host.virsh("start") });
  expect(checkpointsOf(host)).toEqual(["nightly-20261206T010000Z"]);
  expect(nights.run().output).toMatch(/since nightly-20261206T010000Z, the last verified run/);
  nights.compareAll();
});

it("nothing is built on a restore point whose full, or whose image, somebody has deleted", () => {
  const { nights } = begin();
  nights.run();
  rmSync(join(nights.folder, "nightly-20261206T010000Z"), { recursive: true });
  const { point, output } = nights.run();
  expect(output).toMatch(/taking a full/);
  rmSync(join(nights.folder, point, "vdb.qcow2"));
  expect(nights.run().output).toMatch(/taking a full/);
  for (const broken of ["nightly-20261207T010000Z", point])
    rmSync(join(nights.folder, broken), { recursive: true });
  nights.run();
  nights.compareAll();
});

it("with onDrift: full, a disk that is raw now is copied whole, and the others go on", () => {
  const { host, nights } = begin(() => ({ top: "onDrift: full" }));
  host.virsh("destroy");
  const raw = { target: "vdb", format: "raw", size: "4M" } as const;
  const old = host.image("vdb");
  host.disks.splice(1, 1, raw);
  sh("qemu-img", ["convert", "-f", "qcow2", "-O", "raw", old, host.image(raw)]);
  const xml = join(host.folder, "raw.xml");
  writeFileSync(
    xml,
    host
      .virsh("dumpxml", "--inactive")
      .replace(/type='qcow2'( discard='unmap'\/>\s*<source file='[^']*vdb\.)qcow2'/, "type='raw'$1raw'"),
  );
  sh("virsh", ["-c", "qemu:///system", "define", xml]);
  host.virsh("start");
  nights.run();
  nights.run();
  nights.compareAll();
  nights.compile();
  nights.run();
  expect(nights.run().output).not.toMatch(/taking a full/);
  nights.compareAll();
});

it("images outside of a repository that is a link to another depth are found, folded and pruned", () => {
  const host = startGuest(NAME, DISKS);
  guest = host;
  mkdirSync(join(host.folder, "a/deeper/place"), { recursive: true });
  symlinkSync(join(host.folder, "a/deeper/place"), join(host.folder, "the repository"));
  const nights = underPolicy(host, {
    schedule: '[{ level: incremental, at: "0 1 * * *" }]',
    retention: "{ keepLast: 2 }",
    top: "consolidate: true",
    defaults: `{ target: ${JSON.stringify(`${host.folder}/elsewhere/{point}/{disk}.qcow2`)} }`,
  });
  nights.compile();
  for (let night = 0; night < 5; night++) nights.run();
  expect(pointsOf(nights.folder)).toHaveLength(2);
  nights.compareAll();
});

it.each([
  ["in one line", "<nvram template='/usr/share/vars.fd'>/srv/nvram/old.fd</nvram>"],
  [
    "with its source below",
    "<nvram type='file' template='/usr/share/vars.fd'>\n      <source file='/srv/nvram/old.fd'/>\n    </nvram>",
  ],
])(
  "a domain that is defined on what was restored shares neither UUID nor firmware variables with the old one: %s",
  (_, nvram) => {
    const { host, nights } = begin();
    const [point = ""] = pointsOf(nights.folder);
    const saved = join(nights.folder, point, "domain.xml");
    const xml = readFileSync(saved, "utf8")
      .replace(
        / {2}<os>.*?<\/os>/s,
        (os) =>
          `  <sysinfo type='smbios'>\n    <system>\n      <entry name='uuid'>${host.uuid}</entry>\n    </system>\n  </sysinfo>\n${os.replace(
            "  </os>",
            `    <loader readonly='yes' type='pflash'>/usr/share/code.fd</loader>\n    ${nvram}\n    <smbios mode='sysinfo'/>\n  </os>`,
          )}`,
      )
      .replace("<devices>", "<features>\n    <acpi/>\n  </features>\n  <devices>");
    saveXml(join(nights.folder, point), xml);
    const name = `${NAME}-restored`;
    const virsh = (...args: readonly string[]) => sh("virsh", ["-c", "qemu:///system", ...args]).stdout;
    try {
      const to = join(host.folder, "restored");
      sh("bash", [nights.restoreScript, point, "--to", to, "--define", name, "-c", "qemu:///system"]);
      const defined = virsh("dumpxml", name);
      expect(defined).not.toContain(host.uuid);
      expect(defined).not.toContain("/srv/nvram/old.fd");
      expect(defined).toMatch(
        /<nvram template='\/usr\/share\/vars\.fd'(?: \w+='\w+')*>.*restored_VARS\.fd<\/nvram>/,
      );
    } finally {
      virsh("undefine", name, "--nvram");
    }
  },
);

it("names with a colon are names, also where all images lie in one folder", () => {
  const host = startGuest("tmlive:hazards", DISKS);
  guest = host;
  const nights = underPolicy(host, {
    schedule: '[{ level: incremental, at: "0 1 * * *" }]',
    retention: "{ keepLast: 1, keepWeekly: 2 }",
    top: "consolidate: true",
    defaults: `{ target: ${JSON.stringify(`${host.folder}/flat/{domain}-{disk}-{point}.qcow2`)} }`,
  });
  nights.compile();
  for (let night = 0; night < 10; night++) nights.run();
  nights.compareAll();
});

it("a domain's folder that is a link is captured and verified like any other", () => {
  const { host, nights } = begin();
  const elsewhere = join(host.folder, "elsewhere");
  renameSync(nights.folder, elsewhere);
  symlinkSync(elsewhere, nights.folder);
  nights.compile();
  expect(nights.run().output).not.toMatch(/taking a full/);
  nights.compareAll();
  expect(tidemark(host.folder, "verify", nights.repository)).toMatch(/2 of 2 restore points can be restored/);
});

describe("a guest's agent", () => {
  const FROZEN = `case " $* " in
    *" domfsfreeze "*) echo frozen >>"$AGENT"; exit 0 ;;
    *" domfsthaw "*) echo thawed >>"$AGENT"; exit 0 ;;
  esac`;

  /** The first night, in which the guest has no agent, goes on without one. */
  const WITH_AGENT = { defaults: "{ mode: push, freeze: true, onFreezeFailure: continue }" };

  it("a run that is killed between freeze and thaw leaves nobody frozen", () => {
    const { host, nights } = begin(() => WITH_AGENT);
    const agent = join(host.folder, "agent");
    writeFileSync(agent, "");
    const after = () => {
      for (let tries = 0; tries < 60 && !readFileSync(agent, "utf8").includes("thawed"); tries++)
        sh("sleep", ["0.5"]);
    };
    troubled("virsh", FROZEN.replaceAll("$AGENT", agent), nights, "signal", { fault: "begun:kill", after });
    expect(readFileSync(agent, "utf8")).toBe("frozen\nthawed\n");
    nights.run({ status: "any" });
  });

  it("one that does not answer costs the guest its freeze, and not the night", () => {
    const { host, nights } = begin(() => ({ ...WITH_AGENT, top: "timeLimit: 1min" }));
    const hangs = `case " $* " in *" domfsfreeze "*) exec sleep 600 ;;
      *" domfsthaw "*) echo "error: Guest agent is not responding" >&2; exit 1 ;; esac`;
    const output = troubled("virsh", hangs, nights, 0);
    expect(output).toMatch(/its agent did not answer within \d+ s/);
    expect(output).toMatch(/If it still freezes the guest, a process thaws it/);
    expect(
      readFileSync(
        join(host.folder, "the repository", NAME, "nightly-20261207T010000Z/manifest.json"),
        "utf8",
      ),
    ).toMatch(/"deviation": "not frozen"/);
  });

  it("one that comes up while the guest boots is waited for", () => {
    const { host, nights } = begin(() => WITH_AGENT);
    const boots = `case " $* " in
      *" domfsfreeze "*) echo x >>'${host.folder}/tries'; (($(wc -l <'${host.folder}/tries') > 2)) && exit 0
        echo "error: Guest agent is not responding: QEMU guest agent is not connected" >&2; exit 1 ;;
      *" domfsthaw "*) exit 0 ;;
    esac`;
    expect(troubled("virsh", boots, nights, 0)).not.toMatch(/could not be frozen/);
  });
});

it.each([
  [
    "virsh",
    `[[ " $* " != *" --connect "*" domstate "* ]] || exec sleep 600`,
    /virsh domstate did not end within 30 s/,
  ],
  [
    "virsh",
    `[[ " $* " != *" --connect "*" version "* ]] || exec sleep 600`,
    /virsh version did not end within 30 s/,
  ],
  ["qemu-img", `[[ $1 != check ]] || exec sleep 600`, /qemu-img check did not end within 60 s/],
] as const)(
  "a %s that hangs ends the run within its limit, and the next one goes on",
  (program, hangs, says) => {
    const { nights } = begin(() => ({ top: "timeLimit: 1min" }));
    const output = troubled(program, hangs, nights, "any");
    expect(output).toMatch(says);
    expect(output).not.toMatch(/Z +done:/);
    nights.run();
    nights.compareAll();
  },
);

describe("sealed is sealed", () => {
  it.each([
    [
      "a signal while the folder is written to the disk",
      `[[ "$*" != */nightly-20261207T010000Z ]] || kill -TERM $PPID`,
    ],
    ["the folder cannot be written to the disk", `[[ "$*" != */nightly-20261207T010000Z ]] || exit 1`],
  ])("%s, right after the manifest was renamed: the images stay", (_, first) => {
    const { nights } = begin();
    troubled("sync", first, nights, "any");
    expect(pointsOf(nights.folder)).toHaveLength(2);
    nights.compareRestored();
    nights.run();
    nights.compareAll();
  });
});
