import type { Command } from 'commander';
import { acts, collect, type Run, withExamples, withPlan } from './ways.js';

/** The guide's lists. */
export function addChecklist(program: Command, run: Run): void {
  acts(
    withExamples(
      withPlan(
        program
          .command('checklist')
          .description("one of the guide's lists, 46 items in all: what can be found is found, a person ticks the rest; 5 where what is required is not done")
          .argument('<phase>', 'pre, during or post'),
      )
        .option('--ack <ids>', 'items that a person ticks, by comma or repeated, with --reason; for this app and these images', collect)
        .option('--by <name>', 'who ticks them (default: user@host)')
        .option('--require <ids>', 'items that must be done, by comma, or all (default: checklist.required of the config)')
        .option('--file <file>', 'where ticks are kept, a line each (default: shepherd.checklist.jsonl here)'),
      'checklist pre web --image registry/web:1.3.0 --require I8,I9,I15',
      'checklist pre web --image registry/web:1.3.0 --ack I14 --by ann --reason "ann is on call until Friday"',
      'checklist post web -o json',
    ),
    run,
    async () => (await import('../commands/checklist.js')).checklist,
  );
}
