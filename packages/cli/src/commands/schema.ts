import type { World } from '../world.js';

/** Prints the JSON Schema of a config, as it ships in the package. */
export async function schema(_flags: unknown, { io }: World): Promise<number> {
  const { jsonSchema } = await import('../config/config-schema.js');
  io.stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
  return 0;
}
