import { type Actor, errorInfo, exitCodeOf, formatApp, formatEvent, formatOutcome, type Issue, type Outcome, type Rollout } from '@shepherd/core';
import { loadSettings } from '../config/load-config.js';
import { connectionOf, refuse } from '../flags/deploy-input.js';
import type { ConnectionFlags } from '../flags/flags.js';
import { signalCode } from '../interrupt.js';
import { schemaVersion } from '../ledger.js';
import { errorCode, errorText } from '../print-error.js';
import type { World } from '../world.js';
import { withShepherd } from './with-shepherd.js';

export interface RecoverFlags extends ConnectionFlags {
  readonly follow?: boolean | undefined;
  readonly allNamespaces?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** What a runner without a terminal is to do. */
export interface RunnerOptions {
  readonly only?: 'overdue' | undefined;
  readonly actor?: Actor | undefined;
  /** Said once it looks. */
  readonly greeting: (where: string) => string;
}

/** Drives what nobody drives: once, or with `--follow` for good; several of them side by side are one runner that does not die. */
export async function recover(flags: RecoverFlags, world: World, { only, actor, greeting }: RunnerOptions = { greeting: looksFor }): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const connection = connectionOf(flags, settings);
  const issues: Issue[] = [];
  if (flags.allNamespaces !== true && connection.namespace === undefined)
    issues.push({ path: '--namespace', got: 'nothing', expected: 'the namespace to look in, or several (shop,pay), or --all-namespaces' });
  refuse(issues);
  const { stdout, stderr } = world.io;
  const json = flags.json === true;
  const namespaces = flags.allNamespaces === true ? undefined : connection.namespace?.split(',').map((name) => name.trim());
  const codes: number[] = [];
  return withShepherd(
    { ...connection, namespace: namespaces?.[0] },
    world,
    async ({ shepherd, interrupt }) => {
      const shown: Promise<void>[] = [];
      if (!json && !world.output.quiet) stderr.write(`${greeting(namespaces?.join(', ') ?? 'all namespaces')}\n`);
      const onError = (error: unknown): void => {
        const info = errorInfo(error);
        codes.push(errorCode(info));
        stderr.write(json ? `${JSON.stringify({ type: 'error', error: info })}\n` : errorText(info));
      };
      for await (const rollout of shepherd.recover({ namespaces, follow: flags.follow === true, only, onError, signal: interrupt.abortSignal }))
        shown.push(
          show(rollout, json, stdout).then((outcome) => {
            codes.push(exitCodeOf(outcome));
          }),
        );
      await Promise.all(shown);
      if (interrupt.signal !== undefined) return signalCode(interrupt.signal);
      return codes.find((code) => code !== 0) ?? 0;
    },
    actor === undefined ? {} : { actor },
  );
}

const looksFor = (where: string): string => `looks for rollouts that nobody drives in ${where}`;

async function show(rollout: Rollout, json: boolean, stdout: World['io']['stdout']): Promise<Outcome> {
  let [app, last] = [rollout.id, 0];
  const first = (await rollout.state()).sequence;
  for await (const event of rollout.events()) {
    app = formatApp(event.app);
    // What happened before this process came is in the journal.
    if (event.transient || (event.sequence < first && event.type !== 'rollout-start')) continue;
    last = event.sequence;
    for (const line of json ? [JSON.stringify({ schemaVersion, ...event })] : formatEvent(event).split('\n'))
      stdout.write(json ? `${line}\n` : `${app}  ${line}\n`);
  }
  const outcome = await rollout.outcome;
  if (!outcome.final && last > 0)
    stdout.write(json ? `${JSON.stringify({ schemaVersion, ...outcome, type: 'result' })}\n` : `${app}  ${formatOutcome(outcome)}\n`);
  return outcome;
}
