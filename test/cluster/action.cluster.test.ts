import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  discoverPods,
  hasPrometheus,
  image,
  installWeb,
  type Lab,
  newVersion,
  openLab,
  startPrometheus,
  type Traffic,
  underLoad,
} from '../../bench/src/lab/index.js';
import { buildAction, FakeRunner, type StepResult } from '../../packages/action/src/__fixtures__/run-step.js';
import { expectClean } from './app-state.js';
import { type Fare, toldServices } from './told-services.js';

const replicas = 4;
const root = fileURLToPath(new URL('../..', import.meta.url));

let lab: Lab;
let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shepherd-action-cluster-'));
  [lab, file] = await Promise.all([openLab(), buildAction(folder)]);
}, 300_000);
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Released {
  readonly step: StepResult;
  readonly traffic: Traffic;
  /** Of the rollout, by its outcome. */
  readonly seconds: number;
  /** Of the whole step, with what it waits for at its end. */
  readonly stepSeconds: number;
  readonly undelivered: readonly { readonly notifier: string; readonly type: string; readonly why: string }[];
  readonly heard: ReturnType<Awaited<ReturnType<typeof toldServices>>['heard']>;
}

/** One canary, judged by a real Prometheus and driven by the action's file as a runner starts it, with everybody told who is to be told. */
async function release(fare: Fare): Promise<Released> {
  const namespace = await lab.namespace(`action-${fare}`);
  const own = await mkdtemp(join(folder, `${fare}-`));
  const { url } = await installWeb(lab, namespace, { replicas });
  await using pods = await discoverPods(lab, namespace);
  await using server = await startPrometheus({ scrape: [pods.scrape] });
  await server.until('up == 1', replicas);
  await using services = await toldServices(own, fare);
  const config = join(own, 'shepherd.config.json');
  await writeFile(
    config,
    JSON.stringify({
      app: 'web',
      namespace,
      strategy: 'canary',
      stages: [50, 100],
      interval: 15,
      drain: 3,
      prometheus: { url: server.url, scrapeInterval: 1 },
      notify: services.notify,
    }),
  );
  // The SDK of OpenTelemetry is looked for where the job checked out.
  await using runner = await FakeRunner.open(file, { KUBECONFIG: process.env['KUBECONFIG'] ?? '', ...services.env }, root);
  const {
    result: step,
    seconds: stepSeconds,
    traffic,
  } = await underLoad(url, () => runner.run({ config, image: image(newVersion), 'auto-promote': 'true', args: '--on-inconclusive rollback' }), {
    rate: 50,
    beforeMs: 12_000,
  });
  const report = (await readFile(step.outputs['report-path'] ?? '', 'utf8')).trimEnd().split('\n');
  const { undelivered = [] } = JSON.parse(report.at(-1) ?? '{}');
  const heard = services.heard();
  await expectClean(lab, namespace, { image: image(step.code === 0 ? newVersion : '1.0.0'), replicas });
  await lab.drop(namespace);
  return { step, traffic, seconds: Number(step.outputs['duration-seconds']), stepSeconds, undelivered, heard };
}

const lost = ({ traffic }: Released) => [traffic.fresh.failures, traffic.kept.failures];

describe.runIf(await hasPrometheus())('a canary by the action, with Slack, PagerDuty, a webhook, OpenTelemetry and Prometheus', { timeout: 420_000 }, () => {
  // Beside each other, so that both bear what the machine bears at the time.
  test.each(['down', 'hangs', 'refuses'] as const)(
    'whether all four of them are live or %s: the same outcome, no slower, and what nobody got is listed',
    async (fare) => {
      const [live, troubled] = await Promise.all([release('live'), release(fare)]);
      expect([live.step.code, live.step.outputs['outcome']], live.step.shown).toEqual([0, 'succeeded']);
      expect(live.undelivered).toEqual([]);
      expect(live.heard.slack.join('\n')).toContain('web');
      expect(live.heard.pagerDuty.length).toBeGreaterThan(0);
      expect(live.heard.webhook).toEqual(expect.arrayContaining(['deploy.started', 'deploy.traffic_shifted', 'deploy.succeeded']));
      expect(live.heard.spans).toContain('RUN shepherd.canary');

      expect([troubled.step.code, troubled.step.outputs['outcome']], troubled.step.shown).toEqual([0, 'succeeded']);
      expect(troubled.heard).toEqual({ slack: [], pagerDuty: [], webhook: [], spans: [] });
      expect([...new Set(troubled.undelivered.map(({ notifier }) => notifier))].toSorted()).toEqual(['chat', 'hook', 'on-call']);
      expect(troubled.undelivered.map(({ type }) => type)).toContain('deploy.succeeded');
      expect(troubled.step.summary).toContain('### Not delivered yet');
      expect(troubled.step.obeyed.filter(({ name }) => name === 'error')).toEqual([]);
      console.log(
        `${fare}: rollout ${troubled.seconds.toFixed(1)} s, live beside it ${live.seconds.toFixed(1)} s (× ${(troubled.seconds / live.seconds).toFixed(3)}); ` +
          `whole step ${troubled.stepSeconds.toFixed(1)} s and ${live.stepSeconds.toFixed(1)} s; ${troubled.undelivered.length} notices listed`,
      );
      expect(troubled.seconds / live.seconds).toBeLessThan(1.05);
      expect([lost(live), lost(troubled)]).toEqual([
        [{}, {}],
        [{}, {}],
      ]);
    },
  );
});
