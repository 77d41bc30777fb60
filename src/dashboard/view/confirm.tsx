import { useLayoutEffect, useRef } from 'preact/hooks';

interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  readonly verb: string;
  readonly act: () => void;
  readonly close: () => void;
}

/** Asks before something that cannot be undone. */
export function Confirm({ title, text, verb, act, close }: ConfirmProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const leave = () => dialog.current?.close();
  return (
    <dialog ref={dialog} aria-labelledby="confirm-heading" onClose={close}>
      <h2 id="confirm-heading">{title}</h2>
      <p>{text}</p>
      <p class="choices">
        <button type="button" onClick={leave}>
          Cancel
        </button>
        <button
          type="button"
          class="danger"
          onClick={() => {
            act();
            leave();
          }}
        >
          {verb}
        </button>
      </p>
    </dialog>
  );
}
