import type { Issue } from '../errors/error-facts.js';
import { defineGate, type GateContext, type GateDecision } from '../extend/define-gate.js';
import type { Definition } from '../extend/definition.js';
import { schemaOf } from '../extend/schema-of.js';
import { shown, unknownKeys } from '../strategies/options.js';

/** What of an OpenFeature client the gate needs: `OpenFeature.getClient()` of `@openfeature/server-sdk` is one. It is only asked, never told. */
export interface FlagClient {
  getBooleanDetails(key: string, otherwise: boolean, context: FlagContext): Promise<FlagDetails<boolean>>;
  getStringDetails(key: string, otherwise: string, context: FlagContext): Promise<FlagDetails<string>>;
  getNumberDetails(key: string, otherwise: number, context: FlagContext): Promise<FlagDetails<number>>;
}

/** By what a provider may target: the app is the targeting key. */
export type FlagContext = Record<string, string | number>;

/** An answer; with `errorCode` it is none. */
export interface FlagDetails<T> {
  readonly value: T;
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
}

/** What the gate is given: JSON, kept with the rollout. */
export interface FlagInput {
  readonly key: string;
  /** The value that lets a rollout go on. */
  readonly equals: boolean | string | number;
  /** Where it has another value: wait until it has this one, or close the gate. @default 'hold' */
  readonly otherwise?: 'hold' | 'fail' | undefined;
  /** Where the provider has no answer: wait for one, close the gate, or go on. @default 'hold' */
  readonly onError?: 'hold' | 'fail' | 'pass' | undefined;
}

/**
 * A feature flag that must have a value, before the rollout begins and before each step that gives the new version more. Holds for an hour at most, then the gate
 * is closed. To switch a feature off when a release is taken back is for the code that listens to the rollout.
 */
export function flagGate(client: FlagClient): Definition<'gate', FlagInput> {
  return defineGate<FlagInput>({
    use: 'shepherd/flag',
    at: ['start', 'weight-increase', 'promote'],
    every: '15s',
    timeout: '1h',
    onTimeout: 'veto',
    input: schemaOf(inputIssues),
    describe: ({ key, equals }) => `while flag ${key} is ${String(equals)}`,
    async run(input, context) {
      const { key, equals, otherwise = 'hold', onError = 'hold' } = input;
      const { value, errorCode, errorMessage } = await evaluate(client, input, context);
      if (errorCode !== undefined) {
        if (onError === 'pass') return { kind: 'proceed' };
        return closed(onError, `flag ${key} has no answer: ${errorCode}${errorMessage ? `, ${errorMessage}` : ''}`);
      }
      return value === equals ? { kind: 'proceed' } : closed(otherwise, `flag ${key} is ${shown(value)}, expected ${shown(equals)}`);
    },
  });
}

const closed = (how: 'hold' | 'fail', reason: string): GateDecision => ({ kind: how === 'hold' ? 'hold' : 'veto', reason });

/** Asked with a value that is not the wanted one, so that a provider's default never lets anything through. */
async function evaluate(client: FlagClient, { key, equals }: FlagInput, asked: GateContext): Promise<FlagDetails<unknown>> {
  const [{ cluster, namespace, name }] = asked.plan.targets;
  const { environment } = asked.metadata;
  const context: FlagContext = {
    targetingKey: name,
    cluster,
    namespace,
    app: name,
    moment: asked.moment,
    weight: asked.weight,
    ...(environment === undefined ? {} : { environment }),
  };
  try {
    if (typeof equals === 'boolean') return await client.getBooleanDetails(key, !equals, context);
    if (typeof equals === 'number') return await client.getNumberDetails(key, equals + 1, context);
    return await client.getStringDetails(key, `not ${equals}`, context);
  } catch (error) {
    return { value: undefined, errorCode: 'GENERAL', errorMessage: error instanceof Error ? error.message : String(error) };
  }
}

function inputIssues(input: object): readonly Issue[] {
  const { key, equals, otherwise, onError } = input as Record<keyof FlagInput, unknown>;
  const choice = (path: string, value: unknown, known: readonly string[]): readonly Issue[] =>
    value === undefined || known.includes(value as string) ? [] : [{ path, got: shown(value), expected: `one of ${known.join(', ')}` }];
  return [
    ...unknownKeys('input', input, ['key', 'equals', 'otherwise', 'onError']),
    ...(typeof key === 'string' && key !== '' ? [] : [{ path: 'key', got: shown(key), expected: 'the key of a flag' }]),
    ...(['boolean', 'string', 'number'].includes(typeof equals) ? [] : [{ path: 'equals', got: shown(equals), expected: 'a boolean, text or a number' }]),
    ...choice('otherwise', otherwise, ['hold', 'fail']),
    ...choice('onError', onError, ['hold', 'fail', 'pass']),
  ];
}
