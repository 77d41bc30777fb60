import type { Detail, Notice } from '../outcome.ts';
import { Sign } from './signs.tsx';
import { Remaining } from './time.tsx';

const signs = { busy: 'starting', good: 'ok', bad: 'bad' } as const;

interface NoticesProps {
  readonly notices: readonly Notice[];
  readonly dismiss: (id: number) => void;
}

/** What came of what was asked for. Its place is always there, so that what comes into it is read out. */
export const Notices = ({ notices, dismiss }: NoticesProps) => (
  <div class="notices" role="status">
    {notices.length > 0 && (
      <ul aria-label="Answers">
        {notices.map(({ id, tone, text, details }) => (
          <li key={id} class={`notice notice-${tone}`}>
            <Sign name={signs[tone]} />
            <div>
              <p>{text}</p>
              {details.map((detail) => (
                <DetailLine key={detail.text} detail={detail} />
              ))}
            </div>
            {tone !== 'busy' && (
              <button
                type="button"
                class="icon"
                aria-label="Dismiss"
                title="Dismiss"
                onClick={() => dismiss(id)}
              >
                <Sign name="close" />
              </button>
            )}
          </li>
        ))}
      </ul>
    )}
  </div>
);

const DetailLine = ({ detail: { text, count, retryAt } }: { detail: Detail }) => (
  <p class="detail">
    {count > 1 && <b>{count} × </b>}
    {text}
    {retryAt !== null && (
      <>
        {' '}
        Try again in <Remaining until={retryAt} skew={0} />.
      </>
    )}
  </p>
);
