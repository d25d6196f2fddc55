import { errorInfo, formatApp, type Issue, type Notice, type Notifier, noticeId } from '@shepherd/core';
import { loadSettings } from '../config/load-config.js';
import { connectionOf, refuse } from '../flags/deploy-input.js';
import type { ConnectionFlags } from '../flags/flags.js';
import { readDuration } from '../flags/seconds.js';
import { signalCode, withInterrupt } from '../interrupt.js';
import { schemaVersion } from '../ledger.js';
import { makeChannels } from '../notify/channels.js';
import { undeliveredLines } from '../notify/undelivered.js';
import type { World } from '../world.js';
import { withShepherd } from './with-shepherd.js';

export interface NotifyFlags extends ConnectionFlags {
  readonly allNamespaces?: boolean | undefined;
  readonly timeout?: string | undefined;
  /** Of a test: as an incident, which calls people. */
  readonly alert?: boolean | undefined;
  readonly json?: boolean | undefined;
}

const noChannels: Issue = { path: 'notify.channels', got: 'nothing', expected: 'channels in shepherd.config: see docs/guides/notifications.md' };

/** Sends what the journals list as undelivered, under the ids that were tried before. @returns 0: nothing is left, 1: something is */
export async function notifyFlush(flags: NotifyFlags, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const connection = connectionOf(flags, settings);
  const issues: Issue[] = settings.notify === undefined ? [noChannels] : [];
  if (flags.allNamespaces !== true && connection.namespace === undefined)
    issues.push({ path: '--namespace', got: 'nothing', expected: 'the namespace to look in, or several (shop,pay), or --all-namespaces' });
  const timeout = readDuration('--timeout', flags.timeout, issues);
  refuse(issues);
  const namespaces = flags.allNamespaces === true ? undefined : connection.namespace?.split(',').map((name) => name.trim());
  const { stdout, stderr } = world.io;
  return withShepherd({ ...connection, namespace: namespaces?.[0] }, world, async ({ shepherd, interrupt }) => {
    const { delivered, undelivered, failed } = await shepherd.flush({
      ...(namespaces === undefined ? {} : { namespaces }),
      ...(timeout === undefined ? {} : { timeout }),
    });
    if (interrupt.signal !== undefined) return signalCode(interrupt.signal);
    const exitCode = undelivered.length === 0 && failed.length === 0 ? 0 : 1;
    if (flags.json === true) stdout.write(`${JSON.stringify({ schemaVersion, type: 'result', delivered, undelivered, failed, exitCode })}\n`);
    else {
      stdout.write(`${delivered === 1 ? '1 notice' : `${delivered} notices`} delivered\n`);
      for (const line of undeliveredLines(undelivered)) stderr.write(`${line}\n`);
      for (const { app, why } of failed) stderr.write(`${app} could not be read: ${why}\n`);
    }
    return exitCode;
  });
}

/** Sends one notice to each channel, or to those that are named, and says what became of it. Needs no cluster. @returns 0: all took it, 1: one did not */
export async function notifyTest(names: readonly string[], flags: NotifyFlags, world: World): Promise<number> {
  const settings = await loadSettings(flags, world.io);
  const channels = await makeChannels({ ...connectionOf(flags, settings), environment: flags.environment }, world.io);
  const known = channels.map(({ name }) => name);
  const issues: Issue[] = channels.length === 0 ? [noChannels] : [];
  for (const name of names) if (!known.includes(name)) issues.push({ path: 'channel', got: JSON.stringify(name), expected: `one of ${known.join(', ')}` });
  refuse(issues);
  const { io } = world;
  return withInterrupt(io, async (interrupt) => {
    await using _ = { [Symbol.asyncDispose]: async () => void (await Promise.all(channels.map((channel) => channel[Symbol.asyncDispose]?.()))) };
    const asked = channels.filter(({ name }) => names.length === 0 || names.includes(name));
    const results = await Promise.all(asked.map((channel) => tried(channel, noticesOf(channel, flags, world), interrupt.abortSignal, world)));
    if (interrupt.signal !== undefined) return signalCode(interrupt.signal);
    const exitCode = results.every(({ result }) => result === 'sent') ? 0 : 1;
    if (flags.json === true) io.stdout.write(`${JSON.stringify({ schemaVersion, type: 'result', channels: results, exitCode })}\n`);
    else for (const { channel, result, why } of results) io.stdout.write(`${channel}: ${result}${why === undefined ? '' : `: ${why}`}\n`);
    return exitCode;
  });
}

interface Tried {
  readonly channel: string;
  readonly result: 'sent' | 'failed' | 'refused';
  readonly why?: string | undefined;
}

const attemptMs = 15_000;

/** Each notice once: a test says what the channel answered, not what a tenth attempt would bring. */
async function tried(channel: Notifier, notices: readonly Notice[], asked: AbortSignal, { clock }: World): Promise<Tried> {
  const { name } = channel;
  for (const notice of notices) {
    const over = new AbortController();
    const signal = AbortSignal.any([asked, over.signal]);
    const late = clock.sleep(attemptMs, signal).then(
      () => ({ kind: 'retry', why: `no answer within ${attemptMs / 1_000} s` }) as const,
      () => ({ kind: 'retry', why: 'interrupted' }) as const,
    );
    try {
      const delivery = await Promise.race([channel.send(notice, { signal, clock, attempt: 1, ref: undefined }), late]);
      if (delivery.kind !== 'sent') return { channel: name, result: delivery.kind === 'refused' ? 'refused' : 'failed', why: delivery.why };
    } catch (error) {
      return { channel: name, result: 'failed', why: errorInfo(error).message };
    } finally {
      over.abort();
    }
  }
  return { channel: name, result: 'sent' };
}

/** What is harmless everywhere (to PagerDuty a change, which wakes nobody), or an incident that is opened and resolved. */
function noticesOf({ name }: Notifier, { alert }: NotifyFlags, { clock }: World): readonly Notice[] {
  const at = clock.now().toISOString();
  const app = { cluster: 'test', namespace: 'test', name: 'shepherd-test' };
  const rolloutId = `test_test_shepherd-test_${clock.now().getTime().toString(36).toUpperCase()}`;
  const said = (type: string, severity: Notice['severity'], sequence: number, title: string): Notice => ({
    id: noticeId(rolloutId, type, sequence, name),
    rolloutId,
    sequence,
    type,
    severity,
    terminal: type === 'incident.resolved',
    at,
    app,
    by: { name: 'shepherd notify test', kind: 'service' },
    title,
    text: 'This is a test: nothing was released and nothing is wrong.',
    facts: [{ key: 'app', value: formatApp(app) }],
    links: [],
    metadata: {},
  });
  if (alert !== true) return [said('deploy.started', 'info', 1, 'test of this channel')];
  return [said('incident.opened', 'critical', 1, 'test of this channel: you are called'), said('incident.resolved', 'info', 2, 'test of this channel: over')];
}
