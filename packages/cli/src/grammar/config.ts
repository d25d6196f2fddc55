import type { Command } from 'commander';
import { acts, configText, type Run, withConfig, withExamples } from './ways.js';

/** What is set up once: the config, and the rights. */
export function addConfig(program: Command, run: Run): void {
  acts(
    withExamples(
      program
        .command('init')
        .description('look at the apps of a cluster and write a config for them; reads the cluster and writes one file')
        .option('-n, --namespace <names>', "namespace, or several, which become environments: staging,production (default: the context's)")
        .option('--context <name>', 'context of the kubeconfig')
        .option('--kubeconfig <path>', 'kubeconfig (default: KUBECONFIG, ~/.kube/config)')
        .option('--format <format>', 'yaml, json, ts or mjs (default: yaml)')
        .option('--print', 'show it and write nothing')
        .option('--force', 'write over a config of the same name')
        .option('-y, --yes', 'ask nothing'),
      'init -n shop',
      'init -n staging,production --format ts',
    ),
    run,
    async () => (await import('../commands/init.js')).init,
  );
  acts(
    withExamples(
      program
        .command('config')
        .argument('<what>', 'check')
        .description('check: look at the config without a cluster, and print what each environment comes to; 2 where something is wrong')
        .option('-c, --config <file>', configText)
        .option('--environment <name>', 'only this environment of it')
        .option('--config-format <what>', 'data: refuse a config that is code (default: any)'),
      'config check',
      'config check --environment production --json',
    ),
    run,
    async () => (await import('../commands/config-check.js')).configCommand,
  );
  acts(
    withExamples(program.command('schema').description('print the JSON Schema of a config, for editors'), 'schema > shepherd.schema.json'),
    run,
    async () => (await import('../commands/schema.js')).schema,
  );
  acts(
    withExamples(
      program.command('completion').description('print what lets a shell complete this command').argument('<shell>', 'bash, zsh or fish'),
      'completion bash > ~/.local/share/bash-completion/completions/shepherd',
      'completion zsh > ~/.zfunc/_shepherd',
      'completion fish > ~/.config/fish/completions/shepherd.fish',
    ),
    run,
    async () => (await import('../commands/completion.js')).completion,
  );
  acts(
    withExamples(
      withConfig(
        program
          .command('rbac')
          .description('print the smallest Role for what is to be done, as YAML; asks no cluster')
          .option('--for <purposes>', 'what it is for, several by comma: rolling, canary, blue-green, reports, diagnose … (default: rolling)')
          .option('--list', 'what there is to choose from')
          .option('-n, --namespace <name>', 'namespace (default: that of the config, else default)')
          .option('--name <name>', 'of the Role and its binding (default: shepherd)')
          .option('--subject <who>', 'also a RoleBinding: ServiceAccount:name, ServiceAccount:namespace/name, User:name or Group:name'),
      ),
      'rbac --for canary,reports -n shop',
      'rbac --for blue-green --subject ServiceAccount:ci/deployer | kubectl apply -f -',
    ),
    run,
    async () => (await import('../commands/rbac.js')).rbac,
  );
}
