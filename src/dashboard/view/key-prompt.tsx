import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Asks for the key. It is kept in this tab alone, until the tab is closed or the key forgotten. */
export function KeyPrompt({ wrong, unlock }: { wrong: boolean; unlock: (key: string) => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [key, type] = useState('');
  useLayoutEffect(() => dialog.current?.showModal(), []);
  // Without a key there is nothing behind it, and some browsers close it all the same when Escape is pressed again.
  const stay = () => dialog.current?.showModal();
  return (
    <dialog
      ref={dialog}
      aria-labelledby="key-heading"
      onCancel={(event) => event.preventDefault()}
      onClose={stay}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (key.trim() !== '') unlock(key.trim());
        }}
      >
        <h2 id="key-heading">This service wants a key</h2>
        <p>
          It is the API_KEY, or the API_KEY_READ, that the service was started with. It stays in this tab.
        </p>
        {wrong && (
          <p class="wrong" role="alert" id="key-wrong">
            That key is not good, or not any longer.
          </p>
        )}
        <label>
          Key
          <input
            type="password"
            autocomplete="off"
            required
            value={key}
            aria-invalid={wrong}
            aria-describedby={wrong ? 'key-wrong' : undefined}
            onInput={(event) => type(event.currentTarget.value)}
          />
        </label>
        <p class="choices">
          <button type="submit" class="main">
            Open
          </button>
        </p>
      </form>
    </dialog>
  );
}
