import type { Clock } from '@shepherd/core';
import type { SocketOptions } from './kube-api.js';
import { errorOfAnswer, errorOfNetwork, type KubeCall, KubeError } from './kube-error.js';
import { rbacVerb, withQuery } from './kube-path.js';
import type { Connection, Credential } from './kubeconfig/connection.js';
import { isJson, type OpenSocket, readText, type SocketAnswer, type SocketRequest, type Wire, type WireAnswer } from './transport.js';
import { version } from './version.js';

/** A text of the server that is no failure: a `Warning` header, or a watch line that cannot be read. */
export type OnWarning = (text: string, call: { readonly verb: string; readonly path: string }) => void;

export interface Send extends KubeCall {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array<ArrayBuffer> | undefined;
  readonly signal: AbortSignal;
  readonly stream?: boolean | undefined;
  /** A 401 is an answer like any other. @default false */
  readonly once?: boolean | undefined;
}

/** Answers other than 2xx hold at most this much text of interest. */
const maxErrorBytes = 1024 * 1024;

/** Sends with the credential of the connection; a 401 drops it and tries once more with a new one (KC 2). */
export class Sender {
  constructor(
    private readonly connection: Connection,
    readonly wire: Wire,
    private readonly clock: Clock,
    private readonly onWarning: OnWarning,
  ) {}

  /** Any answer, whatever its status. @throws KubeError with status 0 without one */
  async send(send: Send): Promise<WireAnswer> {
    const credential = await this.#credential(send.signal);
    const answer = await this.#once(send, credential);
    if (answer.status !== 401 || send.once === true || !this.connection.credentials.drop(credential)) return answer;
    await this.read(send, answer, maxErrorBytes).catch(() => undefined);
    return this.#once(send, await this.#credential(send.signal));
  }

  /** An open WebSocket; what refused one is thrown. @throws KubeError */
  async socket(call: KubeCall, { query, protocols, signal }: SocketOptions): Promise<OpenSocket> {
    for (let attempt = 1; ; attempt += 1) {
      const credential = await this.#credential(signal);
      const headers = { 'user-agent': `shepherd/${version}`, ...credential.headers };
      const { clientCertificate } = credential;
      const path = `${call.path}?${new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString()}`;
      const answer = await this.#openSocket(call, { path, headers, protocols, signal, clientCertificate });
      if (!('refused' in answer)) return answer;
      if (answer.refused.status !== 401 || attempt > 1 || !this.connection.credentials.drop(credential)) throw errorOfAnswer(call, answer.refused);
    }
  }

  async #openSocket(call: KubeCall, request: SocketRequest): Promise<SocketAnswer> {
    if (this.wire.socket === undefined) throw new KubeError(call, 'an API in this process has no WebSockets', { status: 0, reason: 'NoWebSocket' });
    try {
      return await this.wire.socket(request);
    } catch (error) {
      request.signal.throwIfAborted();
      throw errorOfNetwork(call, error);
    }
  }

  /** What a 2xx answer holds. @throws KubeError for any other */
  async json<T>(send: Send, maxBytes: number): Promise<T> {
    const answer = await this.send(send);
    if (answer.status < 200 || answer.status >= 300) throw await this.failure(send, answer);
    if (isJson(answer.body)) return answer.body.value as T;
    const text = await this.read(send, answer, maxBytes);
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new KubeError(send, `the answer is not JSON (${text.length} characters)`, { status: 0, reason: 'NotJson', cause: error });
    }
  }

  /** The error that an answer means. */
  async failure(send: Send, answer: WireAnswer): Promise<KubeError> {
    const text = await this.read(send, answer, maxErrorBytes).catch(() => '');
    return errorOfAnswer(send, { status: answer.status, headers: answer.headers, text });
  }

  #credential(signal: AbortSignal): Promise<Credential> {
    return this.connection.credentials.get({ signal, clock: this.clock });
  }

  async #once(send: Send, credential: Credential): Promise<WireAnswer> {
    const { method, path, query, body, signal, stream } = send;
    const headers = { 'user-agent': `shepherd/${version}`, accept: 'application/json', ...send.headers, ...credential.headers };
    const { clientCertificate } = credential;
    try {
      const answer = await this.wire.send({ method, path: withQuery(path, query), headers, body, signal, stream, clientCertificate });
      for (const warning of warningsOf(answer.headers['warning'])) this.onWarning(warning, { verb: rbacVerb(method, path, query), path });
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      throw errorOfNetwork(send, error);
    }
  }

  /** The whole body. @throws KubeError `TooLarge` beyond the limit, or with the socket's code when it breaks */
  async read(send: Send, answer: WireAnswer, maxBytes: number): Promise<string> {
    let text: string | undefined;
    try {
      text = await readText(answer.body, maxBytes);
    } catch (error) {
      send.signal.throwIfAborted();
      throw errorOfNetwork(send, error);
    }
    if (text === undefined) throw new KubeError(send, `the answer is longer than ${maxBytes / 1024 / 1024} MiB`, { status: 0, reason: 'TooLarge' });
    return text;
  }
}

/** The texts of a Warning header: `299 - "text"`, several joined by commas. */
export function warningsOf(header: string | undefined): readonly string[] {
  if (header === undefined) return [];
  return [...header.matchAll(/\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1'));
}
