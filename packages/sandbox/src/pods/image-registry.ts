import { type Behaviour, checkBehaviour } from './behaviour.js';

/** The images that can be pulled, and how their pods behave. */
export class ImageRegistry {
  readonly #images = new Map<string, Behaviour>();
  readonly #onNode = new Set<string>();

  /** @param others how images behave that nobody registered; without it they cannot be pulled */
  constructor(private readonly others?: Behaviour) {
    if (others !== undefined) checkBehaviour(others);
  }

  /** Registers an image, or changes it for the pods that start from now on. @throws RangeError for a behaviour that means nothing */
  set(name: string, behaviour: Behaviour): void {
    checkBehaviour(behaviour);
    this.#images.set(name, behaviour);
    this.#onNode.delete(name);
  }

  behaviour(name: string): Behaviour {
    return this.#images.get(name) ?? this.others ?? {};
  }

  isOnNode(name: string): boolean {
    return this.#onNode.has(name);
  }

  pulled(name: string): void {
    this.#onNode.add(name);
  }

  /** Why the image cannot be pulled, in containerd's words; `undefined` where it can. */
  refusal(name: string): string | undefined {
    const behaviour = this.#images.get(name) ?? this.others;
    const why = behaviour === undefined ? 'not-found' : behaviour.pull;
    if (why === undefined) return undefined;
    const full = fullName(name);
    const prefix = `failed to pull and unpack image "${full}": failed to resolve reference "${full}": `;
    if (why === 'not-found') return `rpc error: code = NotFound desc = ${prefix}${full}: not found`;
    const server = 'server message: insufficient_scope: authorization failed';
    return `${prefix}pull access denied, repository does not exist or may require authorization: ${server}`;
  }
}

/** As containerd writes it: with the host and the tag that a short name leaves out. */
export function fullName(name: string): string {
  const [first = '', ...rest] = name.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const path = hasHost ? name : `docker.io/${rest.length === 0 ? 'library/' : ''}${name}`;
  return /:[^/]+$|@/.test(path) ? path : `${path}:latest`;
}
