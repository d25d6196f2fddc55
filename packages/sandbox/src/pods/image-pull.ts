import type { EventNote } from '../controllers/events.js';
import type { Scheduler } from '../scheduler.js';
import { Backoff } from './backoff.js';
import type { ImageRegistry } from './image-registry.js';

/** What a pull tells its container. */
export interface PullHooks {
  pulled(): void;
  waits(reason: string, message: string): void;
  note(type: EventNote['type'], reason: string, message: string): void;
  /** Later, unless the container is stopped before. */
  after(ms: number, job: () => void): void;
}

const pullMs = 40;
/** How long the failure itself is shown before the wait for the next try. */
const errorShownMs = 2_000;
const neverRetryMs = 10_000;

/** Gets the image of a container onto the node, however often it takes. */
export class ImagePull {
  readonly #backoff = new Backoff();

  constructor(
    readonly container: { readonly image: string; readonly imagePullPolicy?: string },
    readonly host: { readonly images: ImageRegistry; readonly scheduler: Scheduler },
    readonly on: PullHooks,
  ) {}

  /** Ends with `pulled`, or tries again and again. */
  pull(): void {
    const { image, imagePullPolicy } = this.container;
    const { images } = this.host;
    if (images.isOnNode(image) && imagePullPolicy !== 'Always') {
      this.on.note('Normal', 'Pulled', `Container image "${image}" already present on machine`);
      return this.on.pulled();
    }
    if (imagePullPolicy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      this.on.note('Warning', 'ErrImageNeverPull', message);
      this.on.waits('ErrImageNeverPull', message);
      return this.on.after(neverRetryMs, () => this.pull());
    }
    this.on.note('Normal', 'Pulling', `Pulling image "${image}"`);
    this.on.after(pullMs, () => {
      const refusal = images.refusal(image);
      if (refusal !== undefined) return this.#failed(refusal);
      images.pulled(image);
      this.on.note('Normal', 'Pulled', `Successfully pulled image "${image}" in ${pullMs}ms (${pullMs}ms including waiting). Image size: 12345678 bytes.`);
      this.on.pulled();
    });
  }

  #failed(refusal: string): void {
    const { image } = this.container;
    const { scheduler } = this.host;
    const failedMs = scheduler.now();
    this.#backoff.next(failedMs);
    this.on.note('Warning', 'Failed', `Failed to pull image "${image}": ${refusal}`);
    this.on.note('Warning', 'Failed', 'Error: ErrImagePull');
    this.on.waits('ErrImagePull', refusal);
    this.on.after(errorShownMs, () => {
      this.on.note('Normal', 'BackOff', `Back-off pulling image "${image}"`);
      this.on.note('Warning', 'Failed', 'Error: ImagePullBackOff');
      this.on.waits('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${refusal}`);
      this.on.after(failedMs + this.#backoff.ms - scheduler.now(), () => this.pull());
    });
  }
}
