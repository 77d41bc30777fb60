const ring = 'M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18z';

/** Each has a shape of its own, for whoever sees no colour. */
const shapes = {
  ok: `${ring}M8 12.4l2.8 2.8L16.2 9.4`,
  bad: 'M8 3h8l5 5v8l-5 5H8l-5-5V8zM9 9l6 6M15 9l-6 6',
  wait: `${ring}M12 7v5l3.5 2`,
  unknown: `${ring}M9.7 9.6a2.4 2.4 0 1 1 3.4 2.2c-.8.4-1.1.9-1.1 1.8M12 16.6v.2`,
  alarm: 'M12 3.5L22 20.5H2zM12 10v5M12 17.6v.2',
  starting:
    'M12 3v4M12 17v4M3 12h4M17 12h4M5.6 5.6l2.9 2.9M15.5 15.5l2.9 2.9M5.6 18.4l2.9-2.9M15.5 8.5l2.9-2.9',
  gone: `${ring}M7 12h10`,
  forward: 'M3 8h14M13 4l4 4-4 4M21 16H7M11 12l-4 4 4 4',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  stop: `${ring}M9.8 9.8h4.4v4.4H9.8z`,
  close: 'M6 6l12 12M18 6L6 18',
} as const;

export type SignName = keyof typeof shapes;

/** A picture beside words that say the same. */
export const Sign = ({ name }: { name: SignName }) => (
  <svg class="sign" viewBox="0 0 24 24" aria-hidden="true">
    <path d={shapes[name]} />
  </svg>
);
