import { useState } from 'preact/hooks';
import { systemClock } from '../../async/clock.ts';
import { Sign } from './signs.tsx';

const shownMs = 2_000;

/** Puts a text where it can be pasted from; where the browser lets no page do so, it is shown to be copied by hand. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, show] = useState(false);
  const copy = async () => {
    // There is none on pages that come over plain HTTP from another machine, and it may be forbidden.
    const { clipboard } = navigator as Partial<Pick<Navigator, 'clipboard'>>;
    const written = await clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    if (!written) return void prompt(label, text);
    show(true);
    await systemClock.sleep(shownMs);
    show(false);
  };
  return (
    <button
      type="button"
      class="icon"
      aria-label={copied ? 'Copied' : label}
      title={label}
      onClick={() => void copy()}
    >
      <Sign name={copied ? 'ok' : 'copy'} />
    </button>
  );
}
