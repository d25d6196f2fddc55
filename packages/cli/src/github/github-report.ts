import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cleanText, type ErrorInfo, type Finding, type Outcome, type Plan, type RolloutEvent, type Undelivered } from '@shepherd/core';
import type { Verification } from '@shepherd/core/verification';
import type { Output } from '../io.js';
import { Ledger, schemaVersion } from '../ledger.js';
import type { Report } from '../report.js';
import { type Annotation, errorAnnotation, findingAnnotations, outcomeAnnotation } from './annotations.js';
import { outputsOf } from './outputs.js';
import { summaryOf } from './summary.js';
import { fileEntry, workflowCommand } from './workflow-command.js';

/** Where the runner is told things. `output`: the log itself, past any guard. */
export interface Runner {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly output: Pick<Output, 'write'>;
  /** Prints what is not printed yet, before the last commands. */
  readonly flush?: (() => void) | undefined;
}

/**
 * Tells GitHub Actions what a command came to: annotations in the log, a page in the job's summary, outputs for later steps, and a file with every event. All is
 * written at the end in one go and at once, so that a process that is about to be killed has said it.
 */
export class GithubReport implements Report {
  readonly #ledger = new Ledger();
  #start: RolloutEvent<'rollout-start'> | undefined;
  #outcome: Outcome | undefined;
  #undelivered: readonly Undelivered[] = [];
  #findings: readonly Finding[] = [];
  #plan: Plan | undefined;
  #verification: Verification | undefined;
  #error: ErrorInfo | undefined;
  #path: string | undefined;
  #ended = false;
  #at = '';

  constructor(private readonly runner: Runner) {}

  plan(plan: Plan): void {
    this.#plan = plan;
    this.#findings = plan.warnings;
    this.#store({ type: 'plan', ...plan }, plan.hash);
  }

  findings(app: string, findings: readonly Finding[]): void {
    this.#findings = findings;
    this.#store({ type: 'findings', app, findings }, 'preflight');
  }

  verification(verification: Verification): void {
    this.#verification = verification;
    this.#store({ type: 'verification', ...verification }, 'verify');
  }

  event(event: RolloutEvent): void {
    if (event.type === 'rollout-start') {
      this.#start = event;
      this.#findings = event.plan.warnings;
    }
    if (event.type === 'approval-request') this.#askFor(event);
    this.#ledger.take(event);
    this.#at = event.at;
    if (!event.transient) this.#store(event, event.rolloutId);
  }

  outcome(outcome: Outcome, undelivered: readonly Undelivered[] | undefined): void {
    this.#outcome = outcome;
    this.#undelivered = undelivered ?? [];
  }

  error(error: ErrorInfo): void {
    this.#error = error;
  }

  end(exitCode: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.runner.flush?.();
    if (!this.#isTold) return;
    const outcome = this.#outcome;
    if (outcome !== undefined) {
      const result = this.#ledger.result(outcome, { exitCode, at: this.#at, undelivered: this.#undelivered });
      this.#store(result, outcome.rolloutId || 'refused');
    }
    for (const { level, title, message } of this.#annotations()) this.runner.output.write(workflowCommand(level, message, { title }));
    const { GITHUB_OUTPUT, GITHUB_STEP_SUMMARY } = this.runner.env;
    const outputs = Object.entries(outputsOf(outcome, { exitCode, reportPath: this.#path }));
    if (GITHUB_OUTPUT) appendFileSync(GITHUB_OUTPUT, outputs.map(([name, value]) => fileEntry(name, value, `ghadelimiter_${crypto.randomUUID()}`)).join(''));
    if (GITHUB_STEP_SUMMARY) appendFileSync(GITHUB_STEP_SUMMARY, summaryOf({ ...this.#told(), exitCode, links: linksOf(this.runner.env) }));
  }

  /** At once: somebody has to see it while the job waits. */
  #askFor({ app, rolloutId, message, until, onTimeout }: RolloutEvent<'approval-request'>): void {
    const text = cleanText(`${message} until ${until}, then ${onTimeout}: shepherd approve ${rolloutId}, or shepherd reject ${rolloutId}`, 1_000);
    this.runner.output.write(workflowCommand('notice', text, { title: `${app.name}: waits for approval` }));
  }

  /** Most commands have nothing to tell beside what they print. */
  get #isTold(): boolean {
    return [this.#start, this.#outcome, this.#plan, this.#verification, this.#error].some((each) => each !== undefined) || this.#findings.length > 0;
  }

  #told() {
    const findings = [...this.#findings, ...refusedFor(this.#outcome, this.#error)];
    return {
      start: this.#start,
      steps: this.#ledger.steps,
      evidence: this.#ledger.evidence,
      outcome: this.#outcome,
      undelivered: this.#undelivered,
      findings,
      plan: this.#plan,
      verification: this.#verification,
      error: this.#error,
    };
  }

  #annotations(): readonly Annotation[] {
    const last = this.#last();
    const room = { error: last?.level === 'error' ? 1 : 0, warning: last?.level === 'warning' ? 1 : 0 };
    return [...findingAnnotations(this.#told().findings, room), ...(last === undefined ? [] : [last])];
  }

  #last(): Annotation | undefined {
    if (this.#outcome !== undefined) return outcomeAnnotation(this.#outcome);
    if (this.#error !== undefined) return errorAnnotation(this.#error);
    if (this.#verification?.passed !== false) return undefined;
    const { app, checks } = this.#verification;
    const failed = checks.filter(({ verdict }) => verdict !== 'pass').map(({ use, says }) => `${use}: ${says}`);
    return { level: 'error', title: `${app.name}: not as it should be`, message: failed.join('\n') };
  }

  /** A line of the file of this run, beside what the runner deletes after the job. */
  #store(line: object, name: string): void {
    const { RUNNER_TEMP } = this.runner.env;
    if (!RUNNER_TEMP) return;
    if (this.#path === undefined) {
      mkdirSync(RUNNER_TEMP, { recursive: true });
      this.#path = join(RUNNER_TEMP, `shepherd-${name.replaceAll(/[^\w.-]/g, '_')}-${crypto.randomUUID().slice(0, 8)}.ndjson`);
    }
    appendFileSync(this.#path, `${JSON.stringify({ schemaVersion, ...line })}\n`);
  }
}

/** What a release was refused for. */
function refusedFor(outcome: Outcome | undefined, error: ErrorInfo | undefined): readonly Finding[] {
  const refused = outcome?.kind === 'failed-untouched' ? outcome.error : error;
  return refused?.code === 'ERR_PREFLIGHT' ? refused.facts.findings : [];
}

function linksOf({ GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_SHA, GITHUB_RUN_ID }: Runner['env']): { readonly text: string; readonly href: string }[] {
  if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY) return [];
  const base = `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`;
  return [
    ...(GITHUB_RUN_ID ? [{ text: 'this run', href: `${base}/actions/runs/${GITHUB_RUN_ID}` }] : []),
    ...(GITHUB_SHA ? [{ text: `commit ${GITHUB_SHA.slice(0, 8)}`, href: `${base}/commit/${GITHUB_SHA}` }] : []),
  ];
}
