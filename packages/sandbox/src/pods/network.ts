import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
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
  readonly port: number;
}

/** Each process is a real HTTP server on a loopback port of its own. */
export class SocketNetwork implements Network {
  readonly #listening = new Map<string, Listening>();
  readonly #doors = new Set<SocketDoor>();

  open(address: string, process: AppProcess, ready: () => void): Door {
    const door: SocketDoor = new SocketDoor(process, {
      listens: (port) => {
        this.#listening.set(address, { process, port });
        ready();
      },
      refuses: () => {
        if (this.#listening.get(address)?.process === process) this.#listening.delete(address);
      },
      gone: () => this.#doors.delete(door),
    });
    this.#doors.add(door);
    return door;
  }

  find(address: string): AppProcess | undefined {
    return this.#listening.get(address)?.process;
  }

  portOf(address: string): number | undefined {
    return this.#listening.get(address)?.port;
  }

  async close(): Promise<void> {
    for (const door of this.#doors) door.close();
    await Promise.all([...this.#doors].map((door) => door.closed));
  }
}

class SocketDoor implements Door {
  readonly closed: Promise<void>;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #refuses: () => void;
  #state: 'opening' | 'open' | 'refusing' = 'opening';

  constructor(process: AppProcess, on: { listens(port: number): void; refuses(): void; gone(): void }) {
    const server = createServer((request, response) => {
      request.resume();
      process.receive({ method: request.method ?? 'GET', path: request.url ?? '/' }, (reply) => send(response, reply));
    });
    // a kept connection ends when the process says so, never by a timer that would race with the next request
    server.keepAliveTimeout = 0;
    server.requestTimeout = 0;
    server.headersTimeout = 0;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.closed = new Promise((resolve) =>
      server.on('close', () => {
        on.gone();
        resolve();
      }),
    );
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address();
      // closed before it could listen: only now is there something to close
      if (this.#state === 'refusing' || bound === null || typeof bound === 'string') return void server.close();
      this.#state = 'open';
      on.listens(bound.port);
    });
    this.#server = server;
    this.#refuses = on.refuses;
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  refuse(): void {
    if (this.#state === 'refusing') return;
    const opened = this.#state === 'open';
    this.#state = 'refusing';
    this.#refuses();
    if (opened) this.#server.close();
  }

  close(): void {
    // first, because a server that closes ends its idle connections politely
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.refuse();
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
