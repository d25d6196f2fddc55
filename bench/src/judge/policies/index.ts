import { argoLike } from './argo-like.js';
import { flaggerLike } from './flagger-like.js';
import { guide } from './guide.js';
import { kayentaLike } from './kayenta-like.js';
import { oracle } from './oracle.js';
import { shepherd, shepherdEarly, shepherdInTime } from './ours.js';
import type { Policy } from './policy.js';
import { ratio, zPeek } from './simple.js';

export const policies: readonly Policy[] = [
  shepherd,
  shepherdInTime,
  shepherdEarly,
  guide,
  argoLike(95),
  argoLike(99),
  flaggerLike(99),
  kayentaLike,
  ratio,
  zPeek,
  oracle,
];
