import { metricsProviderCases } from '@shepherd/core/testing';
import { describe, test } from 'vitest';
import { answerCounts } from './__fixtures__/rows.js';
import { prometheus } from './index.js';

describe('the contract of a metrics provider', () => {
  for (const { name, run } of metricsProviderCases((url) => prometheus({ url, vocabulary: 'http' }), answerCounts)) test(name, run);
});
