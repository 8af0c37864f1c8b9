import * as fc from "fast-check";
import { escapeXml } from "../../src/libvirt/write.js";

/** An element to be, so that it can be broken on purpose before it is written. */
export interface Tree {
  name: string;
  attributes: [string, string][];
  children: Tree[];
  text?: string;
}

export function write({ name, attributes, children, text }: Tree): string {
  const open = `<${name}${attributes.map(([key, value]) => ` ${key}='${escapeXml(value)}'`).join("")}`;
  return `${open}>${text === undefined ? "" : escapeXml(text)}${children.map(write).join("")}</${name}>`;
}

/** What documents are about: a domain's disks, its checkpoints, and a folder for what is written. */
export interface Subject {
  readonly targets: readonly string[];
  readonly sources: readonly string[];
  readonly checkpoints: readonly string[];
  readonly folder: string;
  /** Also values that only the schema minds: relative paths, odd names. */
  readonly odd: boolean;
  /** With which images are encrypted; libvirt must have it. */
  readonly secret?: { readonly uuid: string; readonly usage: string };
}

type Attributes = Readonly<Record<string, fc.Arbitrary<string | undefined>>>;

function element(
  name: string,
  attributes: Attributes,
  children: readonly fc.Arbitrary<Tree | undefined>[] = [],
  text?: fc.Arbitrary<string>,
): fc.Arbitrary<Tree> {
  return fc
    .tuple(fc.record(attributes), fc.tuple(...children), text ?? fc.constant(undefined))
    .map(([values, inner, own]) => ({
      name,
      attributes: Object.entries(values).filter((each): each is [string, string] => each[1] !== undefined),
      children: inner.filter((each) => each !== undefined),
      ...(own !== undefined && { text: own }),
    }));
}

/** One of the values, by weight; undefined leaves it out. */
function pick<T>(...weighted: readonly [number, T][]): fc.Arbitrary<T> {
  return fc.oneof(...weighted.map(([weight, value]) => ({ weight, arbitrary: fc.constant(value) })));
}

/** In `weight` of ten cases. */
function sometimes<T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  const percent = Math.round(weight * 10);
  return fc.oneof(
    { weight: percent, arbitrary },
    { weight: 100 - percent, arbitrary: fc.constant(undefined) },
  );
}

const long = (length: number) => "x".repeat(length);

function baseOf({ checkpoints }: Subject): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...checkpoints) },
    { weight: 1, arbitrary: fc.constantFrom("nope", "") },
  );
}

function pathOf({ folder, odd }: Subject, disk: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const usual = disk.map((name) => `${folder}/${name}`);
  return odd
    ? fc.oneof(
        { weight: 12, arbitrary: usual },
        { weight: 1, arbitrary: fc.constantFrom("rel/x", "", "/", "C:\\x", "/a b&'\"<é") },
      )
    : fc.oneof({ weight: 15, arbitrary: usual }, { weight: 1, arbitrary: fc.constant(`${folder}/same`) });
}

const seclabel = fc.oneof(
  {
    weight: 6,
    arbitrary: element("seclabel", {
      model: fc.constantFrom("dac", "selinux", undefined),
      relabel: fc.constant("no"),
    }),
  },
  { weight: 1, arbitrary: element("seclabel", { model: fc.constant("dac"), labelskip: fc.constant("yes") }) },
  {
    weight: 1,
    arbitrary: element(
      "seclabel",
      { relabel: fc.constantFrom("yes", undefined), model: fc.constantFrom("dac", undefined) },
      [sometimes(7, element("label", {}, [], fc.constantFrom("+0:+0", "")))],
    ),
  },
);

const encryption = element(
  "encryption",
  {
    format: pick([8, "luks"], [1, "qcow"], [1, undefined]),
    engine: pick([5, undefined], [3, "qemu"], [1, "librbd"]),
  },
  [
    sometimes(
      9,
      element("secret", {
        type: pick([9, "passphrase"], [1, undefined]),
        uuid: pick([1, undefined], [1, "0a81f5b2-8403-7b23-c8d6-21ccc2f80d6f"]),
        usage: pick([3, undefined], [1, "backup"]),
      }),
    ),
    sometimes(
      3,
      element("cipher", {
        name: fc.constant("aes"),
        size: pick([5, "256"], [1, "x"]),
        mode: pick([1, "xts"], [2, undefined]),
        hash: pick([1, "sha256"], [2, undefined]),
      }),
    ),
    sometimes(
      3,
      element("ivgen", { name: fc.constant("plain64"), hash: pick([1, "sha256"], [1, undefined]) }),
    ),
  ],
);

/** Encryption that a host can do, if the image's format can. */
function possible({ uuid, usage }: { uuid: string; usage: string }): fc.Arbitrary<Tree> {
  const by = (attributes: Attributes) =>
    element("secret", { type: fc.constant("passphrase"), ...attributes });
  return element("encryption", { format: fc.constant("luks"), engine: pick([3, undefined], [1, "qemu"]) }, [
    fc.oneof(by({ uuid: fc.constant(uuid) }), by({ usage: fc.constant(usage) })),
  ]);
}

function disk(subject: Subject, pull: boolean): fc.Arbitrary<Tree> {
  const names = fc.oneof(
    { weight: 25, arbitrary: fc.constantFrom(...subject.targets) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "vdz",
        ...(subject.odd ? ["xyz", "nvme0n1", "nvme0", "", ...subject.sources] : []),
      ),
    },
  );
  return names.chain((name) => {
    const store = (element_: string) =>
      element(
        element_,
        {
          file: sometimes(9, pathOf(subject, fc.constant(name))),
          ...(subject.odd && { dev: pick([12, undefined], [1, "/dev/null"]) }),
        },
        [
          sometimes(1, seclabel),
          ...(subject.odd ? [sometimes(1, seclabel), sometimes(2, encryption)] : []),
          ...(subject.secret ? [sometimes(1, possible(subject.secret))] : []),
        ],
      );
    const formats = pull
      ? pick([8, "qcow2"], [subject.odd ? 1 : 0, "raw"])
      : pick(
          [8, "qcow2"],
          [2, "raw"],
          [1, "vmdk"],
          [1, "vdi"],
          [1, "qed"],
          [1, "bochs"],
          [1, "iso"],
          [1, "luks"],
          [subject.odd ? 1 : 0, "nonsense"],
        );
    return element(
      "disk",
      {
        name: fc.constant(name),
        backup: pick([6, undefined], [3, "yes"], [2, "no"], [subject.odd ? 1 : 0, "maybe"]),
        type: pull
          ? pick(
              [4, "file"],
              [3, undefined],
              [subject.odd ? 1 : 0, "block"],
              [subject.odd ? 1 : 0, "network"],
            )
          : pick(
              [14, "file"],
              [2, undefined],
              [subject.odd ? 1 : 0, "block"],
              [subject.odd ? 1 : 0, "network"],
            ),
        backupmode: pick(
          [6, undefined],
          [2, "full"],
          [2, "incremental"],
          [subject.odd ? 1 : 0, "differential"],
        ),
        incremental: sometimes(2, baseOf(subject)),
        exportname: pull
          ? pick([8, undefined], [1, "same"], [1, ""], [1, long(4097)])
          : pick([subject.odd ? 15 : 1, undefined], [subject.odd ? 1 : 0, "x"]),
        // A running libvirt 9.0 is not asked about bitmap names that QEMU refuses: with two disks it does not survive that (TM427).
        exportbitmap: pull
          ? pick([8, undefined], [1, "b"], [subject.odd ? 1 : 0, ""], [subject.odd ? 1 : 0, long(1024)])
          : fc.constant(undefined),
      },
      [
        sometimes(6, element("driver", { type: formats })),
        sometimes(9, store(pull ? "scratch" : "target")),
        ...(subject.odd ? [sometimes(0.5, store(pull ? "target" : "scratch"))] : []),
      ],
    );
  });
}

function server({ folder, odd }: Subject, port: number): fc.Arbitrary<Tree> {
  return fc.oneof(
    {
      weight: 4,
      arbitrary: element("server", {
        transport: pick([3, undefined], [1, "tcp"]),
        tls: pick([8, undefined], [1, "no"]),
        name: odd
          ? pick([6, "127.0.0.1"], [1, "localhost"], [1, "::1"], [1, "a b"], [1, "1:2"], [1, undefined])
          : fc.constant("127.0.0.1"),
        port: odd
          ? pick(
              [5, String(port)],
              [1, undefined],
              [1, "0"],
              [1, "70000"],
              [1, "4294967296"],
              [1, "x"],
              [1, "-1"],
            )
          : pick([8, String(port)], [1, undefined], [1, "0"], [1, "70000"]),
      }),
    },
    {
      weight: 4,
      arbitrary: element("server", {
        transport: fc.constant("unix"),
        tls: pick([8, undefined], [1, "no"]),
        socket: pick(
          [8, `${folder}/socket`],
          [1, `${folder}/${long(108 - folder.length)}`],
          [odd ? 1 : 0, "rel"],
          [odd ? 1 : 0, undefined],
        ),
      }),
    },
    ...(odd
      ? [
          {
            weight: 1,
            arbitrary: element("server", {
              transport: fc.constantFrom("rdma", "udp", "fd", "fd"),
              name: pick([1, "h"], [3, undefined]),
              fdgroup: pick([3, "nbd"], [1, undefined]),
            }),
          },
        ]
      : []),
  );
}

export function backup(subject: Subject, port: number): fc.Arbitrary<Tree> {
  return fc
    .tuple(
      pick([5, "push"], [2, undefined], [6, "pull"], [subject.odd ? 1 : 0, "stream"]),
      fc.integer({ min: 1, max: subject.targets.length }),
    )
    .chain(([mode, count]) => {
      const pull = mode === "pull";
      const list = fc
        .uniqueArray(disk(subject, pull), {
          minLength: subject.odd ? 0 : 1,
          maxLength: count,
          // Seldom twice the same.
          selector: ({ attributes }) => attributes.find(([key]) => key === "name")?.[1],
          comparator: (a, b) => a === b && a !== subject.targets[0],
        })
        .map((disks): Tree => ({ name: "disks", attributes: [], children: disks }));
      return element("domainbackup", { mode: fc.constant(mode) }, [
        sometimes(4, element("incremental", {}, [], baseOf(subject))),
        pull
          ? sometimes(9.5, server(subject, port))
          : sometimes(subject.odd ? 0.3 : 0, server(subject, port)),
        sometimes(9, list),
      ]);
    });
}

export function checkpoint(subject: Subject, name: fc.Arbitrary<string | undefined>): fc.Arbitrary<Tree> {
  return name.chain((own) => {
    const one = element("disk", {
      name: fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...subject.targets) },
        { weight: 2, arbitrary: fc.constantFrom(...subject.sources, "vdz") },
        { weight: subject.odd ? 1 : 0, arbitrary: fc.constantFrom("rel", "") },
      ),
      checkpoint: pick([5, undefined], [3, "bitmap"], [3, "no"], [subject.odd ? 1 : 0, "yes"]),
      bitmap: pick([8, undefined], [own === undefined ? 0 : 2, own], [1, "other"]),
      size: pick([9, undefined], [1, "7"], [subject.odd ? 1 : 0, "x"]),
    });
    const disks = fc
      .uniqueArray(one, {
        minLength: subject.odd ? 0 : 1,
        maxLength: subject.targets.length,
        selector: ({ attributes }) => attributes[0]?.[1],
        comparator: (a, b) => a === b && a !== subject.targets[0],
      })
      .map(
        (children): Tree => ({
          name: "disks",
          attributes: [],
          // bitmap and size are of bitmaps only; what breaks that on purpose is `broken`.
          children: children.map((each) =>
            each.attributes.some(([key, value]) => key === "checkpoint" && value === "no")
              ? {
                  ...each,
                  attributes: each.attributes.filter(([key]) => key === "name" || key === "checkpoint"),
                }
              : each,
          ),
        }),
      );
    return element("domaincheckpoint", {}, [
      fc.constant(own === undefined ? undefined : { name: "name", attributes: [], children: [], text: own }),
      sometimes(1, element("description", {}, [], fc.constantFrom("", "a < b & 'c'"))),
      sometimes(
        subject.odd ? 1 : 0,
        element("creationTime", {}, [], fc.constantFrom("1", "", "x", "18446744073709551616")),
      ),
      sometimes(
        subject.odd ? 1 : 0,
        element("parent", {}, [sometimes(8, element("name", {}, [], fc.constantFrom("p", ".p")))]),
      ),
      sometimes(8.5, disks),
    ]);
  });
}

/** One thing about a document that a slip of the hand would break, if anything does. */
export function broken(document: Tree): fc.Arbitrary<Tree> {
  const all: Tree[] = [];
  const collect = (node: Tree) => {
    all.push(node);
    node.children.forEach(collect);
  };
  const copy: Tree = structuredClone(document);
  collect(copy);
  return fc.tuple(fc.nat(all.length - 1), fc.nat(7), fc.nat(9)).map(([which, how, n]) => {
    const tree: Tree = structuredClone(copy);
    const nodes: Tree[] = [];
    const gather = (node: Tree) => {
      nodes.push(node);
      node.children.forEach(gather);
    };
    gather(tree);
    const node = nodes[which] as Tree;
    const child = node.children[n % Math.max(1, node.children.length)];
    switch (how) {
      case 0:
        node.attributes.push(["extra", "x"]);
        break;
      case 1:
        node.attributes.splice(n % Math.max(1, node.attributes.length), 1);
        break;
      case 2:
        if (child) node.children.push(structuredClone(child));
        break;
      case 3:
        node.children.push({ name: "extra", attributes: [], children: [] });
        break;
      case 4:
        node.text = "text";
        break;
      case 5:
        if (child) node.children.splice(node.children.indexOf(child), 1);
        break;
      case 6:
        node.children.reverse();
        break;
      default: {
        const attribute = node.attributes[n % Math.max(1, node.attributes.length)];
        if (attribute)
          attribute[1] = ["", "no", "yes", "full", "bitmap", "0", "/x", "vda", "file", "nö"][n] as string;
      }
    }
    return tree;
  });
}
