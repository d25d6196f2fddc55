import { builtInChecks } from '../checks/index.js';
import { invalidOptions, ShepherdError } from '../errors/shepherd-error.js';
import { builtInGates } from '../gates/index.js';
import { BlueGreen } from '../strategies/blue-green.js';
import { Canary } from '../strategies/canary.js';
import { RollingUpdate } from '../strategies/rolling-update.js';
import type { Extension, Strategy } from '../strategies/strategy.js';
import { type Code, codeOf } from './define.js';
import type { Definition, Schema, Use } from './definition.js';

type Kind = keyof Code<unknown>;
type StrategyClass = Extract<Extension, { readonly kind: string }>;

/** Finds the code behind the names that a plan, request or journal holds. */
export class Registry {
  readonly #code = new Map<string, Code<unknown>[Kind]>();
  readonly #strategies = new Map<string, StrategyClass>();

  constructor(extensions: readonly Extension[] = []) {
    const builtIn = [...builtInChecks, ...builtInGates] as unknown as readonly Extension[];
    for (const extension of [...builtIn, RollingUpdate, BlueGreen, Canary, ...extensions]) {
      if ('extension' in extension) this.#code.set(`${extension.extension} ${extension.use}`, codeOf(extension as Definition<Kind, never>));
      else this.#strategies.set(extension.kind, extension);
    }
  }

  /** @throws ShepherdError ERR_NOT_REGISTERED */
  code<K extends Kind>({ extension, use }: Use<K>): Code<unknown>[K] {
    const found = this.#code.get(`${extension} ${use}`);
    if (found === undefined) throw this.#unknown(extension, use);
    return found as Code<unknown>[K];
  }

  /** The input as the definition's schema sees it. @throws ShepherdError ERR_INVALID_OPTIONS */
  async input<K extends Kind>(use: Use<K>): Promise<unknown> {
    return validated(use.use, (this.code(use) as { input?: Schema<unknown> }).input, use.input);
  }

  get strategyKinds(): readonly string[] {
    return [...this.#strategies.keys()];
  }

  /** @throws ShepherdError ERR_NOT_REGISTERED, ERR_INVALID_OPTIONS */
  async strategy({ kind, options }: { readonly kind: string; readonly options?: unknown }): Promise<Strategy> {
    const found = this.#strategies.get(kind);
    if (found === undefined) throw this.#unknown('strategy', kind);
    return new found((await validated(kind, found.input, options ?? {})) as never);
  }

  has(extension: Kind | 'strategy', use: string): boolean {
    return extension === 'strategy' ? this.#strategies.has(use) : this.#code.has(`${extension} ${use}`);
  }

  #unknown(extension: Kind | 'strategy', use: string): ShepherdError {
    const known =
      extension === 'strategy'
        ? this.strategyKinds
        : [...this.#code.keys()].filter((key) => key.startsWith(`${extension} `)).map((key) => key.slice(extension.length + 1));
    return new ShepherdError('ERR_NOT_REGISTERED', `${extension} ${JSON.stringify(use)} is not known here; known: ${known.join(', ') || 'none'}`, {
      facts: { extension, use },
      remedy: `correct the name, or add the ${extension} to \`extensions\` of the Shepherd`,
    });
  }
}

interface Invalid {
  readonly issues?: readonly { readonly message: string; readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined }[] | undefined;
}

async function validated(name: string, schema: Schema<unknown> | undefined, value: unknown): Promise<unknown> {
  if (schema === undefined) return value;
  const result = (await schema['~standard'].validate(value)) as Invalid & { readonly value?: unknown };
  if (result.issues === undefined) return result.value;
  throw invalidOptions(
    result.issues.map(({ message, path = [] }) => ({
      path: [name, ...path.map((part) => String(typeof part === 'object' ? part.key : part))].join('.'),
      got: 'a value that does not fit',
      expected: message,
    })),
  );
}
