import type { PreStop } from './container-stop.js';
import type { ProbeSpec } from './probe.js';

interface KeyRef {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

interface ObjectRef {
  readonly name: string;
  readonly optional?: boolean;
}

/** One variable of a container. */
interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef?: KeyRef; readonly configMapKeyRef?: KeyRef; readonly fieldRef?: { readonly fieldPath: string } };
}

/** All keys of one object as variables. */
interface EnvFrom {
  readonly prefix?: string;
  readonly secretRef?: ObjectRef;
  readonly configMapRef?: ObjectRef;
}

type Quantities = Readonly<Record<string, string | number | undefined>>;

/** A container as the API has it, after defaulting: what this node uses of it. */
export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy?: string;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly EnvFrom[];
  readonly resources?: { readonly requests?: Quantities; readonly limits?: Quantities };
  readonly startupProbe?: ProbeSpec;
  readonly readinessProbe?: ProbeSpec;
  readonly livenessProbe?: ProbeSpec;
  readonly lifecycle?: { readonly preStop?: PreStop };
}
