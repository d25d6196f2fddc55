/** What the server says at the end of a command: the Status of its error channel, as far as we read it. */
interface ExecStatus {
  readonly status?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: { readonly causes?: readonly { readonly reason?: unknown; readonly message?: unknown }[] } | null;
}

/** How a command ended. `failed`: the server could not run it, in its words. `unknown`: it said nothing that can be read. */
export type ExecEnd =
  | { readonly kind: 'ended'; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };

/** The beginning of a stream, and whether there was more. */
export interface Head {
  readonly text: string;
  readonly cut: boolean;
}

const limitBytes = 16 * 1024;
const channels = { stdout: 1, stderr: 2, error: 3 } as const;

/** The beginning of what comes, however much comes and in whatever pieces; no more than the limit is held. */
class Start {
  readonly #pieces: Uint8Array[] = [];
  #size = 0;
  #cut = false;

  add(piece: Uint8Array): void {
    const room = limitBytes - this.#size;
    if (piece.byteLength > room) this.#cut = true;
    if (room <= 0 || piece.byteLength === 0) return;
    // A copy: the piece may be a view on a much larger buffer.
    const own = piece.slice(0, room);
    this.#pieces.push(own);
    this.#size += own.byteLength;
  }

  /** Where it was cut the last word goes too: half a credential would not be known as one. */
  get head(): Head {
    const text = new TextDecoder().decode(Buffer.concat(this.#pieces));
    return { text: this.#cut ? text.replace(/\S+$/, '') : text, cut: this.#cut };
  }
}

/**
 * Takes the messages of a command apart, by the protocols v4 and v5.channel.k8s.io: the first byte of a message is its channel, the rest a piece of that channel. Pure but
 * for what it has seen.
 */
export class ExecChannels {
  readonly #stdout = new Start();
  readonly #stderr = new Start();
  readonly #error = new Start();

  add(message: Uint8Array): void {
    const [channel] = message;
    const piece = message.subarray(1);
    if (channel === channels.stdout) this.#stdout.add(piece);
    else if (channel === channels.stderr) this.#stderr.add(piece);
    else if (channel === channels.error) this.#error.add(piece);
    // What else there is (resize, the closing of an input that we never open) says nothing about the command.
  }

  get stdout(): Head {
    return this.#stdout.head;
  }

  get stderr(): Head {
    return this.#stderr.head;
  }

  /** Undefined as long as the server has said nothing whole about the end. */
  get end(): ExecEnd | undefined {
    const { text } = this.#error.head;
    return text === '' ? undefined : endOf(text);
  }
}

function endOf(text: string): ExecEnd | undefined {
  const status = parsed(text);
  if (status === undefined) return undefined;
  if (status.status === 'Success') return { kind: 'ended', exitCode: 0 };
  const message = typeof status.message === 'string' ? status.message : 'no explanation';
  if (status.reason !== 'NonZeroExitCode') return { kind: status.status === 'Failure' ? 'failed' : 'unknown', message };
  const code = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')?.message;
  return typeof code === 'string' && /^\d{1,10}$/.test(code) ? { kind: 'ended', exitCode: Number(code) } : { kind: 'unknown', message };
}

function parsed(text: string): ExecStatus | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
