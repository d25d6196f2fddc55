import { createAnalysis } from '@shepherd/core/analysis';
import { pollSeconds, weights } from '../world/rollout.js';
import { type Judging, type Policy, stagePolls } from './policy.js';

const at = '2026-01-01T00:00:00.000Z';

/** The analysis of @shepherd/core as it stands, with what failed requests tell (A and B). What is undecided when the world's stage ends goes on, as AN 6 has it. */
const ours = (name: string, options: { readonly early?: boolean; readonly extends?: boolean }): Policy => ({
  name,
  start: (): Judging => {
    const analysis = createAnalysis({
      options: { onInconclusive: 'promote' },
      stageSeconds: stagePolls * pollSeconds,
      pollSeconds,
      bornSince: at,
      ...(options.early === true ? { early: true } : {}),
    });
    let before = 0;
    return {
      poll(c, s, x, y, { stage, polls, last }) {
        if (stage !== before) analysis.nextStage(String(stage));
        before = stage;
        const counts = { candidate: { requests: c, errors: x }, stable: { requests: s, errors: y } };
        const { decision } = analysis.step({ kind: 'poll', poll: { at, seconds: pollSeconds, counts }, between: false });
        if (decision.kind === 'rollback') return 'rollback';
        if (last || (options.extends === false && polls >= stagePolls)) return 'promote';
        // Never the last stage before its time (AN 4.6).
        if (decision.kind === 'promote' && decision.reason === 'early' && stage === weights.length - 1) return 'watch';
        return decision.kind === 'promote' ? 'promote' : 'watch';
      },
    };
  },
});

export const shepherd = ours('Shepherd', {});
export const shepherdEarly = ours('Shepherd, early', { early: true });
export const shepherdInTime = ours('Shepherd, no extension', { extends: false });
