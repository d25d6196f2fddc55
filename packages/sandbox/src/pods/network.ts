import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AppProcess, Reply } from './app-process.js';

/** The port of a process, as long as it has one. */
export interface Door {
  readonly open: boolean;
  /** Takes no new connection, ends idle ones and the others after their answer. */
  refuse(): void;
  /** Resets what is left. */
  close(): void;
}

/** Who listens where in the pod network: `10.244.1.7:5000`. */
export interface Network {
  /** `ready` is called once connections are accepted. */
  open(address: string, process: AppProcess, ready: () => void): Door;
  /** The process that accepts connections at an address. */
  find(address: string): AppProcess | undefined;
  /** The loopback port behind a pod's address, where there are sockets. */
  portOf(address: string): number | undefined;
  /** Resolves when no socket is left. */
  close(): Promise<void>;
}

/** Pods called as functions: no sockets, for virtual time. */
export class MemoryNetwork implements Network {
  readonly #processes = new Map<string, AppProcess>();

  open(address: string, process: AppProcess, ready: () => void): Door {
    const processes = this.#processes;
    processes.set(address, process);
    const leave = (): void => {
      if (processes.get(address) === process) processes.delete(address);
    };
    const door = {
      get open() {
        return processes.get(address) === process;
      },
      refuse: leave,
      close: leave,
    };
    ready();
    return door;
  }

  find(address: string): AppProcess | undefined {
    return this.#processes.get(address);
  }

  portOf(): undefined {
    return undefined;
  }

  close(): Promise<void> {
    this.#processes.clear();
    return Promise.resolve();
  }
}

interface Listening {
  readonly process: AppProcess;
  readonly server: Server;
  port: number;
}

/** Each process is a real HTTP server on a loopback port of its own. */
export class SocketNetwork implements Network {
  readonly #listening = new Map<string, Listening>();
  readonly #servers = new Set<Server>();

  open(address: string, process: AppProcess, ready: () => void): Door {
    const server = createServer((request, response) => {
      request.resume();
      process.receive({ method: request.method ?? 'GET', path: request.url ?? '/' }, (reply) => send(response, reply));
    });
    // a kept connection ends when the process says so, never by a timer that would race with the next request
    server.keepAliveTimeout = 0;
    server.requestTimeout = 0;
    const entry: Listening = { process, server, port: 0 };
    const leave = (): void => {
      if (this.#listening.get(address) === entry) this.#listening.delete(address);
      server.close();
    };
    this.#servers.add(server);
    server.on('close', () => this.#servers.delete(server));
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      if (bound === null || typeof bound === 'string') return;
      entry.port = bound.port;
      this.#listening.set(address, entry);
      ready();
    });
    const listening = this.#listening;
    return {
      get open() {
        return listening.get(address) === entry;
      },
      refuse() {
        leave();
        server.closeIdleConnections();
      },
      close() {
        leave();
        server.closeAllConnections();
      },
    };
  }

  find(address: string): AppProcess | undefined {
    return this.#listening.get(address)?.process;
  }

  portOf(address: string): number | undefined {
    return this.#listening.get(address)?.port;
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#servers].map((server) => {
        server.closeAllConnections();
        return new Promise<void>((resolve) => server.close(() => resolve()));
      }),
    );
  }
}

function send(response: ServerResponse, reply: Reply | undefined): void {
  if (reply === undefined) {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(reply.status, { 'content-type': reply.contentType, ...(reply.close ? { connection: 'close' } : {}) });
  response.end(reply.body);
}
