import type { Rule } from "../rule.js";
import { host } from "../values.js";

export const tcpServerRule: Rule = {
  code: "TM424",
  page: `A server on TCP listens on the name or address of a host: letters, digits, dots and dashes, or an IPv6 address without brackets.
libvirt's schema refuses everything else.

A server on TCP needs a port, from 1 to 65535. The schema allows to leave it out, because libvirt may choose a free port in the
future; at present \`backup-begin\` says that it “must specify TCP port for now”. The standard port of NBD is 10809.`,
  source: "domainbackup.rng; qemu_backup.c:qemuBackupPrepare; over 65535: seen on QEMU 7.2 (“out of range”)",
  *breaches({ backup }) {
    const server = backup?.given.server;
    if (server?.transport !== "tcp") return;
    if (!host.allows(server.name)) {
      yield {
        message: `the server's host "${server.name}" is not a valid name or address`,
        hint: "write a name, or an address such as 127.0.0.1 or ::1",
        in: "backup",
        part: "server",
      };
    }
    if (server.port !== undefined && server.port <= 65535) return;
    yield {
      message:
        server.port === undefined
          ? "the server has no port"
          : `the server's port is ${server.port}; the highest port is 65535`,
      hint: "set the port, such as 10809",
      in: "backup",
      part: "server",
    };
  },
};
