import type { Rule } from "../rule.js";

export const tcpPortRule: Rule = {
  code: "TM424",
  page: `A server on TCP needs a port, from 1 to 65535. The schema lets it be left out, for the day when libvirt picks a free one;
until then \`backup-begin\` says that it “must specify TCP port for now”. NBD's own port is 10809.`,
  source: "qemu_backup.c:qemuBackupPrepare; over 65535: seen on QEMU 7.2 (“out of range”)",
  *breaches({ backup }) {
    const server = backup?.given.server;
    if (server?.transport !== "tcp") return;
    if (server.port !== undefined && server.port <= 65535) return;
    yield {
      message:
        server.port === undefined
          ? "the server has no port"
          : `the server's port is ${server.port}, and ports end at 65535`,
      hint: "give it a port, such as 10809",
      setting: "server",
    };
  },
};
